import { recordAudit } from '../audit.ts'
import type { Db } from '../client.ts'
import { Prisma } from '../generated/client.ts'
import { entitiesInUse, lockAgainstPurchases } from './entities-in-use.ts'
import { catalogTransaction, lockCatalog } from './lock.ts'
import { readEntityFields } from './read-entity-fields.ts'
import { updateContainments } from './write-entities.ts'

const deleteUnused = (db: Db, id: string, actor: string): Promise<'deleted' | 'not_found' | 'in_use'> =>
  db.$transaction(async (tx) => {
    await lockCatalog(tx)
    const before = (await readEntityFields(tx, [id])).get(id)
    if (!before) return 'not_found'
    await lockAgainstPurchases(tx, [id])
    if ((await entitiesInUse(tx, [id])).has(id)) return 'in_use'
    const members = await tx.membership.findMany({ where: { containerId: id }, select: { memberId: true } })
    await tx.offer.deleteMany({ where: { entityId: id } })
    await tx.entity.delete({ where: { id }, select: { id: true } })
    await updateContainments(
      tx,
      members.map(({ memberId }) => memberId),
    )
    const memberOf = before.memberOf.map((container) => ({ ...container }))
    await recordAudit(tx, { actor, action: 'entity.deleted', subjectId: id, before: { ...before, memberOf }, after: null })
    return 'deleted'
  }, catalogTransaction)

/**
 * Deletes an entity with its offers and memberships, but not its members. An entity that is in use (see entitiesInUse) can only be
 * archived.
 */
export const deleteEntity = async (db: Db, id: string, actor: string): Promise<'deleted' | 'not_found' | 'in_use'> => {
  try {
    return await deleteUnused(db, id, actor)
  } catch (error) {
    // The foreign key is violated if a purchase was created in the meantime.
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2003') return 'in_use'
    throw error
  }
}
