import type { Status } from './project.ts'

/** The next step that a cancellation takes for one purchase of the entity. */
export type CancellationStep =
  /** Request the refund, or get the outcome of the earlier request. */
  | 'refund'
  /** Close the checkout, so it cannot be paid. */
  | 'close_checkout'
  /** Wait for a delayed payment, which is refunded if it succeeds. */
  | 'wait'
  /** Nothing was paid, and nothing can be paid anymore. */
  | 'closed'
  /** Do nothing, because the operator decides or the money was already returned. */
  | { skipped: 'disputed' | 'charged_back' | 'already_refunded' }

export interface CanceledPurchase {
  status: Status
  processing: boolean
  mismatch: string | null
  /** Whether the cancellation has already requested the refund. */
  isRefundRequested: boolean
}

export const cancellationStep = ({ status, processing, mismatch, isRefundRequested }: CanceledPurchase): CancellationStep => {
  if (isRefundRequested) return 'refund'
  switch (status) {
    case 'Completed':
      return 'refund'
    case 'Pending':
      if (mismatch !== null) return 'refund'
      return processing ? 'wait' : 'close_checkout'
    case 'Disputed':
      return { skipped: 'disputed' }
    case 'ChargedBack':
      return { skipped: 'charged_back' }
    case 'Refunded':
      return { skipped: 'already_refunded' }
    case 'Expired':
    case 'Failed':
      return 'closed'
    default:
      return status satisfies never
  }
}

/** The tolerance for comparing our times with Stripe's, which are whole seconds on a different clock. */
const clockToleranceMs = 60_000

export interface EndedPurchase {
  status: Status
  /** Whether a payment is processing or under review. */
  hasPendingPayment: boolean
  refundedAt: Date | null
}

/**
 * Whether a purchase gives no access because the entity was canceled: either nothing was paid, or the payment was refunded after the
 * cancellation.
 */
export const wasEndedByCancellation = (
  { status, hasPendingPayment, refundedAt }: EndedPurchase,
  canceledAt: Date | null,
): boolean => {
  if (canceledAt === null) return false
  switch (status) {
    case 'Expired':
    case 'Failed':
      return true
    case 'Pending':
      return !hasPendingPayment
    case 'Refunded':
      return refundedAt === null || refundedAt.getTime() + clockToleranceMs >= canceledAt.getTime()
    case 'Completed':
    case 'Disputed':
    case 'ChargedBack':
      return false
    default:
      return status satisfies never
  }
}

/** The outcome of a purchase's job item, derived from the outcome of the cancellation's refund request. */
export type CancellationOutcome =
  | { outcome: 'refunded' | 'taken_back' }
  | { outcome: 'skipped'; reason: 'disputed' | 'charged_back' | 'already_refunded' }
  | { outcome: 'failed'; reason: string }

const skippedRejections = ['disputed', 'charged_back', 'already_refunded'] as const

export const cancellationOutcome = (
  request: { response: { refundId: string | null } } | { rejected: string },
): CancellationOutcome => {
  if ('response' in request) return { outcome: request.response.refundId === null ? 'taken_back' : 'refunded' }
  const skipped = skippedRejections.find((rejection) => rejection === request.rejected)
  return skipped ? { outcome: 'skipped', reason: skipped } : { outcome: 'failed', reason: request.rejected }
}

/** The number of consecutive attempts with the same error after which a job item fails. */
const maxAttempts = 5

/** A job item that has no outcome yet. */
export interface PendingItem {
  /** The number of consecutive attempts with the same error. */
  attempts: number
  /** The error of the last attempt; null if there was no attempt yet. */
  reason: string | null
}

/**
 * Decides how to continue after an attempt without an outcome. While Temporal or Stripe is `unavailable`, the attempt is repeated
 * indefinitely. After other errors, it is repeated a few times and then reported as failed, so a single item cannot keep a job from
 * finishing.
 */
export const afterFailedAttempt = (item: PendingItem, error: string): PendingItem & { outcome: 'pending' | 'failed' } => {
  const attempts = item.reason === error ? item.attempts + 1 : 1
  return { outcome: error !== 'unavailable' && attempts >= maxAttempts ? 'failed' : 'pending', attempts, reason: error }
}
