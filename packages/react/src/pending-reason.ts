import type { Outputs } from '@pay-to-view/client'

/** A purchase as its user sees it. */
export type PurchaseItem = Outputs['purchases']['list']['items'][number]

/** Why there is currently neither a checkout nor access. */
export type PendingReason = Extract<Outputs['purchases']['create'], { reason: string }>['reason']

/** Returns what a purchase is waiting for: a bank, an operator or the end of a dispute. Otherwise null. */
export const pendingReason = ({ status, processing, amountPaid }: PurchaseItem): PendingReason | null => {
  if (status === 'Disputed') return 'disputed'
  if (status !== 'Pending') return null
  // A payment that matches its quote would be Completed.
  return processing ? 'payment_processing' : amountPaid > 0 ? 'payment_review' : null
}
