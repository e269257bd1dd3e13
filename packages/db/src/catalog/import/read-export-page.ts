import type { Db } from '../../client.ts'
import { Prisma } from '../../generated/client.ts'
import type { EntityFields } from '../entity-fields.ts'
import { readEntityPage } from '../read-entity-fields.ts'
import { selectProducts } from '../read-product-fields.ts'
import { keyOfTerms, type ProductTerms } from './product-terms.ts'

/** An entity, and the terms of the active products that are offered for it. */
export interface ExportItem extends EntityFields {
  products: ProductTerms[]
}

const readTerms = async (db: Db, entityIds: string[]): Promise<Map<string, ProductTerms[]>> => {
  const offers = await db.offer.findMany({
    where: { entityId: { in: entityIds }, product: { status: 'active' } },
    orderBy: [{ product: { createdAt: 'asc' } }, { productId: 'asc' }],
    select: { entityId: true, productId: true },
  })
  const productIds = [...new Set(offers.map(({ productId }) => productId))]
  const products = await selectProducts(db, Prisma.sql`products WHERE id = ANY (${productIds})`)
  const termsOf = new Map(
    products.map(({ id, prices, accessDurationDays, rental }) => [id, { prices, accessDurationDays, rental }]),
  )
  const terms = new Map<string, ProductTerms[]>()
  for (const { entityId, productId } of offers) {
    const product = termsOf.get(productId)
    if (product) terms.set(entityId, [...(terms.get(entityId) ?? []), product])
  }
  return terms
}

const withoutRepetition = (terms: readonly ProductTerms[]): ProductTerms[] => [
  ...new Map(terms.map((product) => [keyOfTerms(product), product])).values(),
]

/** Returns the entities after the given id, ordered by id, with the terms of their products. */
export const readExportPage = async (db: Db, after: string | null, limit: number): Promise<ExportItem[]> => {
  const entities = await readEntityPage(db, after, limit)
  const terms = await readTerms(
    db,
    entities.map(({ id }) => id),
  )
  return entities.map((entity) => ({ ...entity, products: withoutRepetition(terms.get(entity.id) ?? []) }))
}

/** Returns the currencies of all active products in alphabetical order. */
export const readCurrencies = async (db: Db): Promise<string[]> => {
  const prices = await db.price.findMany({
    where: { product: { status: 'active' } },
    distinct: ['currency'],
    orderBy: { currency: 'asc' },
    select: { currency: true },
  })
  return prices.map(({ currency }) => currency)
}
