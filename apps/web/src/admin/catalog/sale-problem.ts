import type { Outputs } from '@pay-to-view/client'
import { rejectSale } from '@pay-to-view/purchase'
import { formatDateTime } from '../../format.ts'

type Entity = Outputs['admin']['entities']['get']
type Product = Outputs['admin']['products']['get']

const toDate = (time: string | null): Date | null => (time === null ? null : new Date(time))

const features: Partial<Record<string, string>> = {
  maxStreams: 'Products with a device limit are stored, but cannot be bought yet.',
  playback: 'Titles with playback settings are stored, but cannot be bought yet.',
}

/** Stands for the entity on the page of a product, which checks the product alone. */
const anyEntity = { id: 'any', type: 'video', status: 'published', availableFrom: null, availableUntil: null } as const

/** Stands for the product where the page of an entity checks the entity alone. */
const anyProduct = { id: 'any', status: 'active', saleFrom: null, saleUntil: null } as const

const termsOf = ({ maxStreams, ...product }: Product) => ({
  ...{ id: product.id, status: product.status, saleFrom: toDate(product.saleFrom), saleUntil: toDate(product.saleUntil) },
  maxStreams,
})

/** Says why an entity, a product, or an entity with a product that is offered for it cannot be bought at `now`; null if it can. */
export const saleProblem = ({ entity, product }: { entity?: Entity; product?: Product }, now = new Date()): string | null => {
  const rejection = rejectSale(
    {
      entity: {
        ...(entity ?? anyEntity),
        availableUntil: toDate(entity?.availableUntil ?? null),
        // The page says it in its section about the cancellation.
        canceledAt: null,
        hasPlayback: (entity?.playback ?? null) !== null,
      },
      product: product ? termsOf(product) : { ...anyProduct, maxStreams: null },
    },
    now,
  )
  if (rejection === null) return null
  switch (rejection.rejected) {
    case 'not_published':
      return entity?.status === 'archived' ? 'It is archived.' : 'It is a draft.'
    case 'not_supported_yet':
      return features[rejection.feature] ?? `${rejection.feature} cannot be sold yet.`
    case 'not_on_sale':
      return rejection.subject === 'entity'
        ? `It went off sale on ${formatDateTime(entity?.availableUntil ?? '')}.`
        : productNotOnSale(product, now)
    default:
      return rejection satisfies never
  }
}

const productNotOnSale = (product: Product | undefined, now: Date): string => {
  if (product?.status === 'withdrawn') return 'The product is withdrawn.'
  if (product?.saleFrom && new Date(product.saleFrom) > now)
    return `The product goes on sale on ${formatDateTime(product.saleFrom)}.`
  return `The product went off sale on ${formatDateTime(product?.saleUntil ?? '')}.`
}
