import type { AccessTerms, EntityType } from '@pay-to-view/purchase'
import { recordAudit } from '../audit.ts'
import { inCatalogTransaction } from '../catalog/lock.ts'
import { putEntitiesIn } from '../catalog/put-entities.ts'
import { putProductIn } from '../catalog/put-product.ts'
import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'

/** An entity that is missing from the catalog, as described by Stripe checkout sessions. */
export interface UnknownEntity {
  id: string
  type: EntityType
  title: string
}

export interface UnknownProduct {
  id: string
  /** The prices at which the product was sold, latest first. */
  prices: { currency: string; amount: number }[]
  terms: AccessTerms
}

/** A product that was sold for an entity. */
export interface PastOffer {
  productId: string
  entityId: string
}

const batchSize = 500

export interface Placeholders {
  entities: readonly UnknownEntity[]
  products: readonly UnknownProduct[]
  offers: readonly PastOffer[]
}

const addOffers = async (tx: Prisma.TransactionClient, offers: readonly PastOffer[], actor: string): Promise<void> => {
  const { count } = await tx.offer.createMany({ data: [...offers], skipDuplicates: true })
  if (count === 0) return
  const productIds = [...new Set(offers.map(({ productId }) => productId))]
  const records = productIds.map((subjectId) => {
    const entityIds = offers.filter(({ productId }) => productId === subjectId).map(({ entityId }) => entityId)
    return { actor, action: 'offers.added', subjectId, before: null, after: { entityIds } }
  })
  await recordAudit(tx, ...records)
}

/**
 * Creates entities and products that past purchases refer to but that are missing from the catalog. The entities are archived and the
 * products withdrawn, so they cannot be bought. The products are offered for the entities, so `purchases.create` can tell buyers that they
 * already own an entity. Existing objects are not changed.
 */
export const createPlaceholders = async (db: Db, { entities, products, offers }: Placeholders, actor: string): Promise<void> => {
  for (let start = 0; start < entities.length; start += batchSize) {
    const batch = entities.slice(start, start + batchSize)
    await inCatalogTransaction(db, async (tx) => {
      const existing = await tx.entity.findMany({ where: { id: { in: batch.map(({ id }) => id) } }, select: { id: true } })
      const known = new Set(existing.map(({ id }) => id))
      const missing = batch.filter(({ id }) => !known.has(id))
      await putEntitiesIn(
        tx,
        missing.map((entity) => ({ ...entity, status: 'archived' })),
        actor,
      )
    })
  }
  await inCatalogTransaction(db, async (tx) => {
    for (const { id, prices, terms } of products) {
      if (await tx.product.findUnique({ where: { id }, select: { id: true } })) continue
      await putProductIn(tx, { id, name: id, prices, ...terms, status: 'withdrawn' }, actor)
    }
  })
  for (let start = 0; start < offers.length; start += batchSize) {
    await inCatalogTransaction(db, (tx) => addOffers(tx, offers.slice(start, start + batchSize), actor))
  }
}

/** Returns the given ids that are missing from the database. */
export const readUnknown = async (
  db: Db,
  { purchaseIds = [], entityIds = [], productIds = [] }: Partial<Record<'purchaseIds' | 'entityIds' | 'productIds', string[]>>,
): Promise<{ purchaseIds: Set<string>; entityIds: Set<string>; productIds: Set<string> }> => {
  const without = (ids: string[], rows: { id: string }[]): Set<string> => {
    const known = new Set(rows.map(({ id }) => id))
    return new Set(ids.filter((id) => !known.has(id)))
  }
  const select = { id: true } as const
  const purchases = purchaseIds.length ? await db.purchase.findMany({ where: { id: { in: purchaseIds } }, select }) : []
  const entities = entityIds.length ? await db.entity.findMany({ where: { id: { in: entityIds } }, select }) : []
  const products = productIds.length ? await db.product.findMany({ where: { id: { in: productIds } }, select }) : []
  return {
    purchaseIds: without(purchaseIds, purchases),
    entityIds: without(entityIds, entities),
    productIds: without(productIds, products),
  }
}
