import type { Outputs } from '@pay-to-view/client'
import { rejectSale } from '@pay-to-view/purchase'
import { formatDateTime } from '../../format.ts'

type Entity = Outputs['admin']['entities']['get']
type Product = Outputs['admin']['products']['get']

const toDate = (time: string | null): Date | null => (time === null ? null : new Date(time))

/** A placeholder for the entity when only the product is checked, as on the product page. */
const anyEntity = { id: 'any', type: 'video', status: 'published', availableFrom: null, availableUntil: null } as const

/** A placeholder for the product when only the entity is checked, as on the entity page. */
const anyProduct = { id: 'any', status: 'active', saleFrom: null, saleUntil: null } as const

const termsOf = ({ id, status, saleFrom, saleUntil }: Product) => ({
  ...{ id, status, saleFrom: toDate(saleFrom), saleUntil: toDate(saleUntil) },
})

/** Returns why an entity, a product, or a product offered for an entity cannot be bought at `now`; null if it can be bought. */
export const saleProblem = ({ entity, product }: { entity?: Entity; product?: Product }, now = new Date()): string | null => {
  const rejection = rejectSale(
    {
      entity: {
        ...(entity ?? anyEntity),
        availableUntil: toDate(entity?.availableUntil ?? null),
        // The page shows cancellations in a separate section.
        canceledAt: null,
      },
      product: product ? termsOf(product) : anyProduct,
    },
    now,
  )
  if (rejection === null) return null
  switch (rejection.rejected) {
    case 'not_published':
      return entity?.status === 'archived' ? 'It is archived.' : 'It is a draft.'
    case 'not_on_sale':
      return rejection.subject === 'entity'
        ? `It was on sale until ${formatDateTime(entity?.availableUntil ?? '')}.`
        : productNotOnSale(product, now)
    default:
      return rejection satisfies never
  }
}

const productNotOnSale = (product: Product | undefined, now: Date): string => {
  if (product?.status === 'withdrawn') return 'The product is withdrawn.'
  if (product?.saleFrom && new Date(product.saleFrom) > now)
    return `The product goes on sale on ${formatDateTime(product.saleFrom)}.`
  return `The product was on sale until ${formatDateTime(product?.saleUntil ?? '')}.`
}
