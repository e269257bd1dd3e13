import { recordAudit } from '../audit.ts'
import type { Db } from '../client.ts'
import { Prisma } from '../generated/client.ts'
import { entitiesInUse, lockAgainstPurchases } from './entities-in-use.ts'
import { auditedEntity } from './entity-fields.ts'
import { catalogTransaction, lockCatalog } from './lock.ts'
import { removedOffers } from './offers.ts'
import { readEntityFields } from './read-entity-fields.ts'
import { updateContainments } from './write-entities.ts'

/** The number of members that are read at once, because a container may have any number of them. */
const membersAtOnce = 1_000

/** Records that the members are removed from the container that is deleted. */
const auditMembers = async (tx: Prisma.TransactionClient, containerId: string, memberIds: readonly string[], actor: string) => {
  for (let start = 0; start < memberIds.length; start += membersAtOnce) {
    const members = await readEntityFields(tx, memberIds.slice(start, start + membersAtOnce))
    const records = [...members.values()].map((member) => ({
      ...{ actor, action: 'entity.updated', subjectId: member.id, before: auditedEntity(member) },
      after: auditedEntity({ ...member, memberOf: member.memberOf.filter(({ id }) => id !== containerId) }),
    }))
    await recordAudit(tx, ...records)
  }
}

const deleteUnused = (db: Db, id: string, actor: string): Promise<'deleted' | 'not_found' | 'in_use'> =>
  db.$transaction(async (tx) => {
    await lockCatalog(tx)
    const before = (await readEntityFields(tx, [id])).get(id)
    if (!before) return 'not_found'
    await lockAgainstPurchases(tx, [id])
    if ((await entitiesInUse(tx, [id])).has(id)) return 'in_use'
    const memberships = await tx.membership.findMany({ where: { containerId: id }, select: { memberId: true } })
    const memberIds = memberships.map(({ memberId }) => memberId)
    await auditMembers(tx, id, memberIds, actor)
    const offers = await tx.offer.findMany({ where: { entityId: id }, select: { productId: true } })
    await tx.offer.deleteMany({ where: { entityId: id } })
    await tx.entity.delete({ where: { id }, select: { id: true } })
    await updateContainments(tx, memberIds)
    await recordAudit(tx, ...offers.map(({ productId }) => removedOffers(productId, [id], actor)), {
      actor,
      action: 'entity.deleted',
      subjectId: id,
      before: auditedEntity(before),
      after: null,
    })
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
