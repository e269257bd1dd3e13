import { SYSTEM_ACTOR } from '@pay-to-view/purchase'
import { informationalKinds } from './alert-severity.ts'
import type { Db } from './client.ts'

/** The number of days for which informational alerts stay open. */
export const informationalAlertDays = 7

export interface AlertResolution {
  by: string
  note?: string | undefined
  /** Confirms that alerts of open disputes are resolved too, although the disputes' deadlines still apply. */
  confirmOpenDispute?: boolean | undefined
}

/**
 * Resolves alerts for an operator. Returns the number of alerts that were open. If one of the alerts belongs to an open dispute and the
 * confirmation is missing, no alert is resolved, and `openDisputes` contains the ids of the dispute alerts.
 */
export const resolveAlerts = async (
  db: Db,
  ids: readonly bigint[],
  { by, note, confirmOpenDispute = false }: AlertResolution,
): Promise<{ resolved: number; openDisputes: bigint[] }> => {
  const where = { id: { in: [...ids] }, resolvedAt: null }
  if (!confirmOpenDispute) {
    // A dispute's alert is resolved when the dispute closes, so an open alert means an open dispute.
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

/** Whether an alert is open; null if there is no such alert. */
export const isAlertOpen = async (db: Db, id: bigint): Promise<boolean | null> => {
  const alert = await db.alert.findUnique({ where: { id }, select: { resolvedAt: true } })
  return alert && alert.resolvedAt === null
}

/** Reopens resolved alerts. Returns the number of reopened alerts. */
export const reopenAlerts = async (db: Db, ids: readonly bigint[]): Promise<number> => {
  const { count } = await db.alert.updateMany({
    where: { id: { in: [...ids] }, resolvedAt: { not: null } },
    data: { resolvedAt: null, resolvedBy: null, note: null },
  })
  return count
}

/** Resolves informational alerts that have been open for `informationalAlertDays`. Returns the number of resolved alerts. */
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
