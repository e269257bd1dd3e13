import { SYSTEM_ACTOR } from '@pay-to-view/purchase'
import { informationalKinds } from './alert-severity.ts'
import type { Db } from './client.ts'

/** How long informational alerts stay open. */
export const informationalAlertDays = 7

export interface AlertResolution {
  by: string
  note?: string | undefined
  /** Confirms that the alert of an open dispute is resolved too, although the dispute's deadline still applies. */
  confirmOpenDispute?: boolean | undefined
}

/**
 * Resolves alerts for an operator. Returns how many existed and were open. Without the confirmation, nothing is resolved if
 * the dispute of an alert is open: `openDisputes` has the ids of those alerts.
 */
export const resolveAlerts = async (
  db: Db,
  ids: readonly bigint[],
  { by, note, confirmOpenDispute = false }: AlertResolution,
): Promise<{ resolved: number; openDisputes: bigint[] }> => {
  const where = { id: { in: [...ids] }, resolvedAt: null }
  if (!confirmOpenDispute) {
    // An open alert means an open dispute, because a dispute's alert is resolved when the dispute closes.
    const disputes = await db.alert.findMany({
      where: { ...where, kind: 'disputed' },
      orderBy: { id: 'asc' },
      select: { id: true },
    })
    if (disputes.length > 0) return { resolved: 0, openDisputes: disputes.map(({ id }) => id) }
  }
  const { count } = await db.alert.updateMany({
    // A dispute's alert may have been reopened since the check above.
    where: confirmOpenDispute ? where : { ...where, kind: { not: 'disputed' } },
    data: { resolvedAt: new Date(), resolvedBy: by, note: note ?? null },
  })
  return { resolved: count, openDisputes: [] }
}

/** Reopens resolved alerts. Returns how many existed and were resolved. */
export const reopenAlerts = async (db: Db, ids: readonly bigint[]): Promise<number> => {
  const { count } = await db.alert.updateMany({
    where: { id: { in: [...ids] }, resolvedAt: { not: null } },
    data: { resolvedAt: null, resolvedBy: null, note: null },
  })
  return count
}

/** Closes informational alerts that have been open for `informationalAlertDays`. Returns how many. */
export const closeInformationalAlerts = async (db: Db, now: Date): Promise<number> => {
  const { count } = await db.alert.updateMany({
    where: {
      kind: { in: [...informationalKinds] },
      resolvedAt: null,
      at: { lt: new Date(now.getTime() - informationalAlertDays * 86_400_000) },
    },
    data: { resolvedAt: now, resolvedBy: SYSTEM_ACTOR },
  })
  return count
}
