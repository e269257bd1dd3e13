import { lockUsers, newGrantId } from '../../access.ts'
import { recordAudit } from '../../audit.ts'
import { lockEntities } from '../../catalog/lock-entities.ts'
import type { Db } from '../../client.ts'
import type { Grant, Prisma } from '../../generated/client.ts'
import { accessMessage } from '../../outbox/access-message.ts'
import { recordMessages } from '../../outbox/record-messages.ts'
import { alignRenewals } from '../align-renewals.ts'
import { periodOf } from '../grant-times.ts'
import { decideImport, type GrantImportResult, type ImportedGrant, type WantedGrant } from './imported-grant.ts'

type Tx = Prisma.TransactionClient

export interface GrantImportOptions {
  /** The actor named in the grants and in the audit log. */
  actor: string
  /** The name of the file, for the audit log. */
  file: string
  /** If true, nothing is written, and the results say what would change. */
  dryRun: boolean
}

interface Change {
  id: string
  row: ImportedGrant
  wanted: WantedGrant
  before: Grant | null
  hasEnded: boolean
}

const readExisting = async (tx: Tx, rows: readonly ImportedGrant[]) => {
  const references = rows.map(({ reference }) => reference)
  const grants = await tx.grant.findMany({
    where: {
      OR: [
        { source: 'import', reference: { in: references } },
        { source: { not: 'import' }, id: { in: references } },
      ],
    },
    include: { entity: { select: { availableFrom: true } } },
  })
  const entities = await tx.entity.findMany({
    where: { id: { in: [...new Set(rows.map(({ entityId }) => entityId))] } },
    select: { id: true },
  })
  return {
    grants: new Map(
      grants.map(({ entity, ...grant }) => [
        grant.source === 'import' ? grant.reference : grant.id,
        grant.source === 'import' ? grant : { ...grant, ...periodOf(grant, entity.availableFrom) },
      ]),
    ),
    entityIds: new Set(entities.map(({ id }) => id)),
  }
}

const writeGrants = async (tx: Tx, changes: readonly Change[], { actor }: GrantImportOptions): Promise<void> => {
  const rows = changes.map(({ id, row: { userId, entityId, reference }, wanted, before }) => ({
    ...{ id, userId, entityId, reference, isNew: before === null },
    ...{ startsAt: wanted.startsAt, expiresAt: wanted.expiresAt, reason: wanted.reason },
  }))
  await tx.$executeRaw`
    WITH wanted AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS wanted (
        id text, "userId" text, "entityId" text, reference text, "isNew" boolean, "startsAt" timestamptz, "expiresAt" timestamptz, reason text
      )
    ), inserted AS (
      INSERT INTO grants (id, source, user_id, entity_id, starts_at, expires_at, reason, granted_by, reference)
      SELECT id, 'import', "userId", "entityId", "startsAt", "expiresAt", reason, ${actor}, reference FROM wanted WHERE "isNew"
    )
    UPDATE grants SET starts_at = "startsAt", expires_at = "expiresAt", reason = wanted.reason
    FROM wanted WHERE grants.id = wanted.id AND NOT "isNew"`
}

/** Returns the users with a renewal that has not started. Such a renewal starts when other access ends, so importing access may move it. */
const usersWithRenewals = async (tx: Tx, userIds: readonly string[], now: Date): Promise<string[]> => {
  const rows = await tx.grant.findMany({
    where: { userId: { in: [...userIds] }, revokedAt: null, startsAt: { gt: now }, purchase: { isRenewal: true } },
    distinct: ['userId'],
    select: { userId: true },
  })
  return rows.map(({ userId }) => userId)
}

const announce = async (tx: Tx, changes: readonly Change[], now: Date): Promise<void> => {
  // Access that ended before it was imported changes nothing for the user.
  const visible = changes.filter(({ before, hasEnded }) => before !== null || !hasEnded)
  if (visible.length === 0) return
  const pairs = JSON.stringify(visible.map(({ row: { userId, entityId } }) => ({ userId, entityId })))
  await tx.$executeRaw`
    SELECT notify_access("userId", "entityId")
    FROM (SELECT DISTINCT * FROM jsonb_to_recordset(${pairs}::jsonb) AS pair ("userId" text, "entityId" text)) AS pairs`
  for (const userId of await usersWithRenewals(tx, [...new Set(visible.map(({ row }) => row.userId))], now)) {
    await alignRenewals(tx, userId, now)
  }
  await recordMessages(tx, async () => {
    const active = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM grants WHERE id = ANY (${visible.map(({ id }) => id)})
        AND EXISTS (SELECT FROM access_periods(user_id, entity_id, ${now}) AS period WHERE period.starts_at <= ${now})`
    const activeIds = new Set(active.map(({ id }) => id))
    return visible.map(({ id, row: { userId, entityId }, wanted: { startsAt, expiresAt }, before }) => {
      const grant = { id, userId, entityId, source: 'import', purchaseId: null, startsAt, expiresAt } as const
      return accessMessage(before ? 'access.changed' : 'access.granted', grant, activeIds.has(id))
    })
  })
}

const toJson = ({ startsAt, expiresAt, reason }: WantedGrant): Prisma.InputJsonObject => ({
  startsAt: startsAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  reason,
})

/**
 * Writes the audit log. A new grant's row shows who imported the grant and when, so one entry per transaction with the number of new grants
 * is enough. A changed grant has its own entry, because only the audit log keeps the replaced values.
 */
const audit = async (tx: Tx, changes: readonly Change[], { actor, file }: GrantImportOptions): Promise<void> => {
  const created = changes.filter(({ before }) => before === null)
  const lines = created.map(({ row }) => row.line)
  const range = { created: created.length, firstLine: lines[0] ?? 0, lastLine: lines.at(-1) ?? 0 }
  await recordAudit(
    tx,
    ...(created.length > 0 ? [{ actor, action: 'grants.imported', subjectId: file, before: null, after: range }] : []),
    ...changes.flatMap(({ id, before, wanted }) =>
      before ? [{ actor, action: 'grant.updated', subjectId: id, before: toJson(before), after: toJson(wanted) }] : [],
    ),
  )
}

/**
 * Imports up to 500 rows with different references in one transaction, so an import that was stopped can be continued by running it again.
 * An invalid row fails without affecting the other rows. The results are in the order of the rows.
 */
export const importGrants = (db: Db, rows: readonly ImportedGrant[], options: GrantImportOptions): Promise<GrantImportResult[]> =>
  db.$transaction(
    async (tx) => {
      if (!options.dryRun) {
        // Without this lock, two concurrent imports could insert the same reference.
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('import-grants', 0))`
        await lockUsers(tx, [...new Set(rows.map(({ userId }) => userId))])
        await lockEntities(
          tx,
          rows.map(({ entityId }) => entityId),
        )
      }
      const now = new Date()
      const { grants, entityIds } = await readExisting(tx, rows)
      const changes: Change[] = []
      const results = rows.map((row) => {
        const before = grants.get(row.reference)
        const { result, wanted } = decideImport(row, before, { entityExists: entityIds.has(row.entityId), now })
        if (wanted && result.result !== 'failed')
          changes.push({ id: before?.id ?? newGrantId(), row, wanted, before: before ?? null, hasEnded: result.hasEnded })
        return result
      })
      if (options.dryRun || changes.length === 0) return results
      await writeGrants(tx, changes, options)
      await announce(tx, changes, now)
      await audit(tx, changes, options)
      return results
    },
    { timeout: 60_000, maxWait: 10_000 },
  )
