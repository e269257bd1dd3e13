import type { Prisma } from '../generated/client.ts'

/** The given entities that were sold, belong to a container that was sold, or belonged to one when it was sold. */
export const entitiesInUse = async (tx: Prisma.TransactionClient, ids: readonly string[]): Promise<Set<string>> => {
  if (ids.length === 0) return new Set()
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM unnest(${[...ids]}::text[]) AS entity (id)
    WHERE EXISTS (SELECT FROM purchases WHERE entity_id = entity.id) OR EXISTS (
      SELECT FROM containments JOIN purchases ON purchases.entity_id = containments.container_id
      WHERE containments.member_id = entity.id AND (containments.removed_at IS NULL OR purchases.created_at < containments.removed_at)
    )`
  return new Set(rows.map(({ id }) => id))
}
