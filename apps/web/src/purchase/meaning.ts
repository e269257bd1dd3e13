import type { Outputs } from '@pay-to-view/client'
import { date, moment } from '../format.ts'

type Purchase = Outputs['purchases']['list']['items'][number]

/** What a purchase's status means for its buyer. */
export const meaning = (purchase: Purchase): string => {
  switch (purchase.status) {
    case 'Pending':
      return purchase.processing ? 'Your bank is working on the payment' : 'Not paid'
    case 'Completed':
      if (!purchase.hasAccess) return purchase.expiresAt ? `Ended on ${date(purchase.expiresAt)}` : 'No access'
      return purchase.expiresAt ? `Until ${moment(purchase.expiresAt)}` : 'Yours to keep'
    case 'Refunded':
      return purchase.refundedAt ? `Refunded on ${date(purchase.refundedAt)}` : 'Refunded'
    case 'Expired':
      return 'The checkout ended unpaid'
    case 'Failed':
      return 'The payment failed'
    case 'Disputed':
      return 'Your bank disputes the payment'
    case 'ChargedBack':
      return 'Your bank took the payment back'
    default:
      return purchase.status satisfies never
  }
}
