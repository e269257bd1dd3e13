import type { Prisma } from '../generated/client.ts'

export interface LockedEntity {
  id: string
  canceledAt: Date | null
}

/**
 * Locks entities until the transaction ends, shared with other transactions that add purchases or grants. A cancellation waits for the
 * lock, so it finds what this transaction adds. An earlier cancellation is visible in `canceledAt`. Unknown ids are omitted.
 * To avoid deadlocks, entities are locked after users, in the order of their ids.
 */
export const lockEntities = (tx: Prisma.TransactionClient, ids: readonly string[]): Promise<LockedEntity[]> =>
  tx.$queryRaw<LockedEntity[]>`
    SELECT id, canceled_at AS "canceledAt" FROM entities WHERE id = ANY (${[...ids]}) ORDER BY id FOR SHARE`
