import type { Prisma } from '../generated/client.ts'

/**
 * Locks entities and their containers until the transaction ends. Creating a purchase also locks the entity, so a concurrent purchase is
 * either visible once the lock is held, or created after this transaction.
 */
export const lockAgainstPurchases = async (tx: Prisma.TransactionClient, ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return
  await tx.$executeRaw`
    SELECT id FROM entities WHERE id IN (
      SELECT unnest(${[...ids]}::text[]) UNION SELECT container_id FROM containments WHERE member_id = ANY (${[...ids]})
    ) ORDER BY id FOR UPDATE`
}

/**
 * Returns the given entities that are in use. An entity is in use if it was sold or granted, is in a container that was sold or granted, or
 * was in a container when that container was sold or granted. Checkouts that were never paid count as sales: their purchases stay in the
 * users' histories, and Stripe may still send events about them.
 */
export const entitiesInUse = async (tx: Prisma.TransactionClient, ids: readonly string[]): Promise<Set<string>> => {
  if (ids.length === 0) return new Set()
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM unnest(${[...ids]}::text[]) AS entity (id)
    WHERE EXISTS (SELECT FROM purchases WHERE entity_id = entity.id) OR EXISTS (SELECT FROM grants WHERE entity_id = entity.id) OR EXISTS (
      SELECT FROM containments JOIN purchases ON purchases.entity_id = containments.container_id
      WHERE containments.member_id = entity.id AND (containments.removed_at IS NULL OR purchases.created_at < containments.removed_at)
    ) OR EXISTS (
      SELECT FROM containments JOIN grants ON grants.entity_id = containments.container_id
      WHERE containments.member_id = entity.id AND (containments.removed_at IS NULL OR grants.created_at < containments.removed_at)
    )`
  return new Set(rows.map(({ id }) => id))
}
