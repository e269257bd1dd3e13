import { type AuditRecord, recordAudit } from '../audit.ts'
import type { Db } from '../client.ts'
import { catalogTransaction, lockCatalog } from './lock.ts'

export interface AddedOffers {
  added: number
  /** The number of offers that already existed. */
  already: number
  /** The ids of entities that do not exist. */
  unknown: string[]
}

/** Offers a product for at most 1,000 entities. Returns null if the product does not exist. The audit log names `actor`. */
export const addOffers = (db: Db, productId: string, entityIds: readonly string[], actor: string): Promise<AddedOffers | null> =>
  db.$transaction(async (tx) => {
    await lockCatalog(tx)
    if (!(await tx.product.findUnique({ where: { id: productId }, select: { id: true } }))) return null
    const wanted = [...new Set(entityIds)]
    const known = new Set((await tx.entity.findMany({ where: { id: { in: wanted } }, select: { id: true } })).map(({ id }) => id))
    const added = await tx.$queryRaw<{ entityId: string }[]>`
      INSERT INTO offers (product_id, entity_id) SELECT ${productId}, unnest(${[...known]}::text[])
      ON CONFLICT DO NOTHING RETURNING entity_id AS "entityId"`
    if (added.length > 0) {
      const after = { entityIds: added.map(({ entityId }) => entityId) }
      await recordAudit(tx, { actor, action: 'offers.added', subjectId: productId, before: null, after })
    }
    return { added: added.length, already: known.size - added.length, unknown: wanted.filter((id) => !known.has(id)) }
  }, catalogTransaction)

/** Returns the audit record of the removal of a product's offers. */
export const removedOffers = (productId: string, entityIds: string[], actor: string): AuditRecord => ({
  ...{ actor, action: 'offers.removed', subjectId: productId, before: { entityIds }, after: null },
})

/** Removes a product's offer for an entity. Open checkouts can still be paid. Returns whether the offer existed. */
export const removeOffer = (db: Db, productId: string, entityId: string, actor: string): Promise<boolean> =>
  db.$transaction(async (tx) => {
    await lockCatalog(tx)
    const { count } = await tx.offer.deleteMany({ where: { productId, entityId } })
    if (count > 0) await recordAudit(tx, removedOffers(productId, [entityId], actor))
    return count > 0
  }, catalogTransaction)
