import { informationalKinds } from './alert-severity.ts'
import type { Db } from './client.ts'

/** How long informational alerts stay open. */
export const informationalAlertDays = 7

export interface AlertResolution {
  by: string
  note?: string | undefined
}

/** Resolves alerts for an operator. Returns the number of those that existed and were open. */
export const resolveAlerts = async (db: Db, ids: readonly bigint[], { by, note }: AlertResolution): Promise<number> => {
  const { count } = await db.alert.updateMany({
    where: { id: { in: [...ids] }, resolvedAt: null },
    data: { resolvedAt: new Date(), resolvedBy: by, note: note ?? null },
  })
  return count
}

/** Opens resolved alerts again. Returns the number of those that existed and were resolved. */
export const reopenAlerts = async (db: Db, ids: readonly bigint[]): Promise<number> => {
  const { count } = await db.alert.updateMany({
    where: { id: { in: [...ids] }, resolvedAt: { not: null } },
    data: { resolvedAt: null, resolvedBy: null, note: null },
  })
  return count
}

/** Closes informational alerts that have been open for `informationalAlertDays`. Returns their number. */
export const closeInformationalAlerts = async (db: Db, now: Date): Promise<number> => {
  const { count } = await db.alert.updateMany({
    where: {
      kind: { in: [...informationalKinds] },
      resolvedAt: null,
      at: { lt: new Date(now.getTime() - informationalAlertDays * 86_400_000) },
    },
    data: { resolvedAt: now, resolvedBy: 'pay-to-view' },
  })
  return count
}
