import { isFinal, type Projection, type Snapshot, type Status } from '@pay-to-view/purchase'
import type { Cause } from './stored.ts'

export class PurchaseNotFound extends Error {
  override name = 'PurchaseNotFound'
  constructor(id: string) {
    super(`There is no purchase ${id}`)
  }
}

export interface Application {
  id: string
  snapshots: readonly Snapshot[]
  cause: Cause
  /** Events of the ledger that are applied by this. */
  eventIds?: readonly string[]
  /** A refund request that is answered by this. */
  answers?: { requestId: string; refundId: string }
}

/** A purchase as its workflow needs it. Holds no secret: it is written to the workflow's history. */
export interface View {
  id: string
  status: Status
  final: boolean
  processing: boolean
  hasAccess: boolean
  mismatch: string | null
  title: string
  amount: number
  currency: string
  amountPaid: number
  amountRefunded: number
  payment: string | null
  /** Seconds since the epoch. */
  paidAt: number | null
  expiresAt: number | null
  /** Milliseconds since the epoch. */
  checkoutDeadline: number
  /** Refunds that were asked for and not carried out yet. */
  refundsDue: string[]
  /** Stripe must be asked again in a moment: one second held two tellings of a dispute. */
  contested: boolean
  /** What applying these facts has changed; null for nothing. */
  change: { from: Status; access: 'given' | 'taken' | null } | null
}

type Quoted = Pick<View, 'id' | 'title' | 'amount' | 'currency'> & { checkoutDeadline: Date }

/** `seen` is what the facts do not say. */
export const viewFrom = (
  row: Quoted,
  projection: Projection,
  seen: Pick<View, 'contested' | 'moved' | 'hasAccess' | 'refundsDue'>,
): View => ({
  id: row.id,
  status: projection.status,
  final: isFinal(projection.status) && seen.refundsDue.length === 0,
  processing: projection.processing,
  mismatch: projection.mismatch,
  title: row.title,
  amount: row.amount,
  currency: projection.payment?.currency ?? row.currency,
  amountPaid: projection.amountPaid,
  amountRefunded: projection.amountRefunded,
  payment: projection.payment?.id ?? null,
  paidAt: projection.paidAt,
  expiresAt: projection.expiresAt,
  checkoutDeadline: row.checkoutDeadline.getTime(),
  ...seen,
})

/** Of seconds since the epoch. */
export const date = (seconds: number | null): Date | null => (seconds === null ? null : new Date(seconds * 1000))
