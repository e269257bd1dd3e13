import type { Db } from '../client.ts'
import type { AuditEntry } from '../generated/client.ts'

export interface NamedAuditEntry extends AuditEntry {
  /** The name of the API key that made the change; null for any other actor. */
  actorName: string | null
}

/** Returns at most `limit` entries of the audit log, newest first. `before` is the last id of the previous page. */
export const auditEntries = async (
  db: Db,
  subjectId: string | undefined,
  before: bigint | null,
  limit: number,
): Promise<NamedAuditEntry[]> => {
  const entries = await db.auditEntry.findMany({
    where: { ...(subjectId !== undefined && { subjectId }), ...(before !== null && { id: { lt: before } }) },
    orderBy: { id: 'desc' },
    take: limit,
  })
  const actors = [...new Set(entries.map(({ actor }) => actor))]
  // A user can never have the id of an API key, so an actor with such an id is always the key.
  const keys = await db.apiKey.findMany({ where: { id: { in: actors } }, select: { id: true, name: true } })
  const names = new Map(keys.map(({ id, name }) => [id, name]))
  return entries.map((entry) => ({ ...entry, actorName: names.get(entry.actor) ?? null }))
}
