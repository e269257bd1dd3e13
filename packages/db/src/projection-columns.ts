import type { Projection } from '@pay-to-view/purchase'
import type { Purchase } from './generated/client.ts'

/** Converts seconds since the epoch. */
export const toDate = (seconds: number | null): Date | null => (seconds === null ? null : new Date(seconds * 1000))

/** The columns of a purchase that follow from its facts. */
export const projectionColumns = (projection: Projection) => ({
  status: projection.status,
  externalTransactionId: projection.payment?.id ?? null,
  processing: projection.processing,
  mismatch: projection.mismatch,
  amountPaid: projection.amountPaid,
  currencyPaid: projection.payment?.currency ?? null,
  amountRefunded: projection.amountRefunded,
  completedAt: toDate(projection.paidAt),
  expiresAt: toDate(projection.expiresAt),
  refundedAt: toDate(projection.refundedAt),
})

type Row = Pick<Purchase, keyof ReturnType<typeof projectionColumns> | 'open'>

const format = (value: Date | string | number | boolean | null): string =>
  value instanceof Date ? value.toISOString() : String(value)

/** The columns of a row that do not follow from its facts. */
export const projectionDiff = (row: Row, projection: Projection): { name: string; actual: string; expected: string }[] => {
  const expected = { ...projectionColumns(projection), open: row.open && projection.status === 'Pending' }
  const names: (keyof typeof expected)[] = [
    ...(['status', 'externalTransactionId', 'processing', 'mismatch', 'amountPaid', 'currencyPaid'] as const),
    ...(['amountRefunded', 'completedAt', 'expiresAt', 'refundedAt', 'open'] as const),
  ]
  return names
    .map((name) => ({ name, actual: format(row[name]), expected: format(expected[name]) }))
    .filter((column) => column.actual !== column.expected)
}
