import type { Db } from './client.ts'
import type { Prisma } from './generated/client.ts'

/** A change by an operator or by the site's backend. Changes to purchases are in the `changes` table instead. */
export interface AuditRecord {
  /** The admin's user id, the id of an API key, or the name that was passed to a command. */
  actor: string
  /** An object and a verb in the past tense, such as `entity.updated` or `api_key.revoked`. */
  action: string
  /** The id of the object that changed. */
  subjectId: string
  /** The object, or its changed fields, before the change; null if the change created it. Must not contain secrets. */
  before: Prisma.InputJsonObject | null
  /** The object, or its changed fields, after the change; null if the change removed it. */
  after: Prisma.InputJsonObject | null
}

/**
 * Writes records to the audit log. Call this in the transaction that makes the change, so the log contains exactly the changes that were
 * made.
 */
export const recordAudit = async (tx: Db | Prisma.TransactionClient, ...records: readonly AuditRecord[]): Promise<void> => {
  if (records.length === 0) return
  // This is raw SQL, because a catalog batch writes up to 1,000 records and Prisma's createMany takes ten times as long.
  await tx.$executeRaw`
    INSERT INTO audit_entries (actor, action, subject_id, before, after)
    SELECT actor, action, "subjectId", nullif(before, 'null'), nullif(after, 'null')
    FROM jsonb_to_recordset(${JSON.stringify(records)}::jsonb)
      AS record (actor text, action text, "subjectId" text, before jsonb, after jsonb)`
}
