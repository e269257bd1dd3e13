import type { Db } from '../client.ts'
import type { AuditEntry } from '../generated/client.ts'

/** The audit log, newest first, at most `limit` entries. `before` is the last id of the previous page. */
export const auditEntries = (
  db: Db,
  subjectId: string | undefined,
  before: bigint | null,
  limit: number,
): Promise<AuditEntry[]> =>
  db.auditEntry.findMany({
    where: { ...(subjectId !== undefined && { subjectId }), ...(before !== null && { id: { lt: before } }) },
    orderBy: { id: 'desc' },
    take: limit,
  })
