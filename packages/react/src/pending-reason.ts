import type { Outputs } from '@pay-to-view/client'

/** A purchase, as users see it. */
export type PurchaseItem = Outputs['purchases']['list']['items'][number]

/** Why a user currently gets neither a checkout nor access. */
export type PendingReason = Extract<Outputs['purchases']['create'], { reason: string }>['reason']

/** Returns what a purchase is waiting for: a bank, an operator, or the end of a dispute. Null for other purchases. */
export const pendingReason = ({ status, processing, completedAt }: PurchaseItem): PendingReason | null => {
  if (status === 'Disputed') return 'disputed'
  if (status !== 'Pending') return null
  // A completed checkout whose purchase is still Pending has a payment that does not match the quote.
  return processing ? 'payment_processing' : completedAt !== null ? 'payment_review' : null
}
