import { SYSTEM_ACTOR } from '@pay-to-view/purchase'
import type { Db } from './client.ts'
import type { Prisma } from './generated/client.ts'

// Alerts about conditions that end on their own and may recur, such as a failing job. Each condition has one row, which is open while the
// condition lasts.

const conditionKey = (kind: string, subject: string): string => `${kind}:${subject}`

/**
 * Opens the alert about a condition, or updates the details of the existing alert. A resolved alert is reopened, even if an operator
 * resolved it.
 */
export const openConditionAlert = async (
  db: Db | Prisma.TransactionClient,
  kind: string,
  subject: string,
  detail: Prisma.InputJsonObject,
): Promise<void> => {
  await db.$executeRaw`
    insert into alerts (kind, dedupe_key, detail) values (${kind}, ${conditionKey(kind, subject)}, ${JSON.stringify(detail)}::jsonb)
    on conflict (dedupe_key) do update set detail = excluded.detail, resolved_at = null, resolved_by = null, note = null,
      at = case when alerts.resolved_at is null then alerts.at else now() end`
}

/** Returns when the alert about a condition was resolved, or null if the alert is open or was never raised. */
export const conditionResolvedAt = async (tx: Prisma.TransactionClient, kind: string, subject: string): Promise<Date | null> =>
  (await tx.alert.findUnique({ where: { dedupeKey: conditionKey(kind, subject) } }))?.resolvedAt ?? null

export const resolveConditionAlert = async (db: Db, kind: string, subject: string): Promise<void> => {
  await db.alert.updateMany({
    where: { dedupeKey: conditionKey(kind, subject), resolvedAt: null },
    data: { resolvedAt: new Date(), resolvedBy: SYSTEM_ACTOR },
  })
}
