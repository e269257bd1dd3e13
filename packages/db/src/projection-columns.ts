import type { Projection } from '@pay-to-view/purchase'
import type { Purchase } from './generated/client.ts'
import { toDate } from './purchase-view.ts'

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

const told = (value: Date | string | number | boolean | null): string =>
  value instanceof Date ? value.toISOString() : String(value)

/** The columns of a row that are not as its facts have them, with what they are and should be. */
export const projectionDiff = (row: Row, projection: Projection): { name: string; is: string; should: string }[] => {
  const should = { ...projectionColumns(projection), open: row.open && projection.status === 'Pending' }
  const names: (keyof typeof should)[] = [
    ...(['status', 'externalTransactionId', 'processing', 'mismatch', 'amountPaid', 'currencyPaid'] as const),
    ...(['amountRefunded', 'completedAt', 'expiresAt', 'refundedAt', 'open'] as const),
  ]
  return names
    .map((name) => ({ name, is: told(row[name]), should: told(should[name]) }))
    .filter((column) => column.is !== column.should)
}
