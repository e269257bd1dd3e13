import type { Db } from '../client.ts'
import type { Alert } from '../generated/client.ts'

export type AlertRow = Omit<Alert, 'dedupeKey'>

const columns = { id: true, kind: true, purchaseId: true, detail: true, at: true, resolvedAt: true, resolvedBy: true } as const

export interface AlertFilter {
  /** Only unresolved alerts. */
  open: boolean
  kind?: string
}

/** Newest first, at most `limit`. `before` is the last id of the previous page. */
export const alerts = (db: Db, { open, kind }: AlertFilter, before: bigint | null, limit: number): Promise<AlertRow[]> =>
  db.alert.findMany({
    where: { kind, ...(open && { resolvedAt: null }), ...(before !== null && { id: { lt: before } }) },
    orderBy: { id: 'desc' },
    take: limit,
    select: columns,
  })

/** The number of unresolved alerts of each kind. */
export const openAlertCounts = async (db: Db): Promise<Map<string, number>> => {
  const rows = await db.alert.groupBy({ by: ['kind'], where: { resolvedAt: null }, _count: true })
  return new Map(rows.map(({ kind, _count }) => [kind, _count]))
}
