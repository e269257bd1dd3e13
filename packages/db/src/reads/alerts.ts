import { type AlertSeverity, alertSeverities, alertSeverity, kindsOfSeverity } from '../alert-severity.ts'
import type { Db } from '../client.ts'
import type { Alert, Prisma } from '../generated/client.ts'

/** The purchase that an alert is about. `currency` applies to amounts in the alert that are stored without a currency. */
export interface AlertPurchase {
  userId: string
  entityId: string
  entityTitle: string
  currency: string
}

export type AlertRow = Omit<Alert, 'dedupeKey'> & { severity: AlertSeverity; purchase: AlertPurchase | null }

const columns = {
  ...{
    id: true,
    kind: true,
    purchaseId: true,
    detail: true,
    at: true,
    dueAt: true,
    resolvedAt: true,
    resolvedBy: true,
    note: true,
  },
  purchase: {
    select: { userId: true, entityId: true, currency: true, currencyPaid: true, entity: { select: { title: true } } },
  },
} satisfies Prisma.AlertSelect

export interface AlertFilter {
  /** Whether to return only unresolved alerts. */
  open: boolean
  kind?: string
  severity?: AlertSeverity
}

const severityFilter = (severity: AlertSeverity | undefined): Prisma.AlertWhereInput => {
  if (severity === undefined) return {}
  const { kinds, others } = kindsOfSeverity(severity)
  return { kind: others ? { notIn: kinds } : { in: kinds } }
}

/** Returns at most `limit` alerts, newest first. `before` is the last id of the previous page. */
export const alerts = async (
  db: Db,
  { open, kind, severity }: AlertFilter,
  before: bigint | null,
  limit: number,
): Promise<AlertRow[]> => {
  const rows = await db.alert.findMany({
    where: {
      AND: [{ kind }, severityFilter(severity)],
      ...(open && { resolvedAt: null }),
      ...(before !== null && { id: { lt: before } }),
    },
    orderBy: { id: 'desc' },
    take: limit,
    select: columns,
  })
  return rows.map(({ purchase, ...row }) => ({
    ...row,
    severity: alertSeverity(row.kind),
    purchase: purchase && {
      userId: purchase.userId,
      entityId: purchase.entityId,
      entityTitle: purchase.entity.title,
      currency: purchase.currencyPaid ?? purchase.currency,
    },
  }))
}

/** The unresolved alerts of one kind. */
export interface AlertGroup {
  kind: string
  severity: AlertSeverity
  count: number
  /** The earliest deadline of these alerts; null if none has a deadline. */
  dueAt: Date | null
}

/** Returns the unresolved alerts grouped by kind. The groups are ordered by severity, most severe first, and then by deadline. */
export const openAlertGroups = async (db: Db): Promise<AlertGroup[]> => {
  const rows = await db.alert.groupBy({ by: ['kind'], where: { resolvedAt: null }, _count: true, _min: { dueAt: true } })
  const rank = ({ severity }: AlertGroup): number => alertSeverities.indexOf(severity)
  const due = ({ dueAt }: AlertGroup): number => dueAt?.getTime() ?? Number.MAX_SAFE_INTEGER
  return rows
    .map(({ kind, _count, _min }) => ({ kind, severity: alertSeverity(kind), count: _count, dueAt: _min.dueAt }))
    .sort((a, b) => rank(a) - rank(b) || due(a) - due(b) || a.kind.localeCompare(b.kind))
}

/** Returns the number of unresolved alerts of each kind. */
export const openAlertCounts = async (db: Db): Promise<Map<string, number>> => {
  const rows = await db.alert.groupBy({ by: ['kind'], where: { resolvedAt: null }, _count: true })
  return new Map(rows.map(({ kind, _count }) => [kind, _count]))
}
