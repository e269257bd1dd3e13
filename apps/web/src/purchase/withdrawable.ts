import { type PurchaseItem, pendingReason } from '@pay-to-view/react'

/**
 * Whether to offer withdrawal from a purchase, on a site that offers it (CONSENT=eu): the purchase is paid, even if an operator still has to
 * accept the payment. The server decides on the request, and explains any rejection.
 */
export const isWithdrawable = (purchase: PurchaseItem): boolean =>
  purchase.withdrawnAt === null && (purchase.status === 'Completed' || pendingReason(purchase) === 'payment_review')
