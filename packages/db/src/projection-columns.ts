import type { Projection } from '@pay-to-view/purchase'
import type { Purchase } from './generated/client.ts'

/** Converts seconds since the epoch to a Date; null stays null. */
export const toDate = (seconds: number | null): Date | null => (seconds === null ? null : new Date(seconds * 1000))

/**
 * Returns when a payment's access starts. This is never later than now, because Stripe's clock may be ahead of ours, and a user who has
 * paid must not wait.
 */
export const accessStart = (projection: Projection, now: Date): Date | null => {
  const paidAt = toDate(projection.startsAt)
  return paidAt === null || paidAt < now ? paidAt : now
}

/** Returns the purchase columns that follow from the facts. */
export const projectionColumns = (projection: Projection) => ({
  status: projection.status,
  /** Null for an unpaid purchase and for a free order. */
  externalTransactionId: projection.payment?.id ?? null,
  processing: projection.processing,
  mismatch: projection.mismatch,
  amountSubtotal: projection.amountSubtotal,
  amountDiscount: projection.amountDiscount,
  amountTax: projection.amountTax,
  amountPaid: projection.amountPaid,
  currencyPaid: projection.settlement?.currency ?? null,
  amountRefunded: projection.amountRefunded,
  promotionCode: projection.promotionCode,
  country: projection.country,
  invoiceNumber: projection.invoice?.number ?? null,
  invoiceUrl: projection.invoice?.url ?? null,
  invoicePdfUrl: projection.invoice?.pdfUrl ?? null,
  completedAt: toDate(projection.paidAt),
  refundedAt: toDate(projection.refundedAt),
})

/** Returns the projection columns under their Postgres names, for SQL functions. */
export const projectionRecord = (projection: Projection): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(projectionColumns(projection)).map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  )

type Row = Pick<Purchase, keyof ReturnType<typeof projectionColumns> | 'open'>

const format = (value: Date | string | number | boolean | null): string =>
  value instanceof Date ? value.toISOString() : String(value)

/** Returns the columns of a row that differ from the projection of the row's facts. */
export const projectionDiff = (row: Row, projection: Projection): { name: string; actual: string; expected: string }[] => {
  const expected = { ...projectionColumns(projection), open: row.open && projection.status === 'Pending' }
  const isColumn = (name: string): name is keyof typeof expected => Object.hasOwn(expected, name)
  return Object.keys(expected)
    .filter(isColumn)
    .map((name) => ({ name, actual: format(row[name]), expected: format(expected[name]) }))
    .filter((column) => column.actual !== column.expected)
}
