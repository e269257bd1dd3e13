import { type PurchaseItem, type WaitingReason, waitsFor } from '@pay-to-view/react'
import { date } from '../format.ts'

interface Words {
  title: string
  text: string
}

/** What somebody who has paid waits for. */
export const waitingFor = {
  payment_processing: {
    title: 'Your payment is on its way',
    text: 'Your bank is still working on it, which can take a few days. Access opens by itself.',
  },
  payment_review: {
    title: 'We are looking at your payment',
    text: 'Something about it is not as we quoted. We will give you access or your money back.',
  },
  disputed: {
    title: 'Your bank disputes an earlier payment',
    text: 'Until that is settled, this cannot be bought again. Please ask your bank, or us.',
  },
} as const satisfies Record<WaitingReason, Words>

/** A status as its buyer reads it. */
export const statusName = (status: PurchaseItem['status']): string => (status === 'ChargedBack' ? 'Charged back' : status)

/** What a purchase's status means for its buyer. */
export const meaning = (purchase: PurchaseItem): string => {
  switch (purchase.status) {
    case 'Pending':
      if (purchase.processing) return 'Your bank is working on the payment'
      return waitsFor(purchase) === 'payment_review' ? waitingFor.payment_review.title : 'Not paid'
    case 'Completed':
      if (!purchase.hasAccess) return purchase.expiresAt ? `Ended on ${date(purchase.expiresAt)}` : 'No access'
      return purchase.expiresAt ? `Until ${date(purchase.expiresAt)}` : 'Yours to keep'
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

/** Why a purchase gives no access, or none any more; null where nothing was paid. */
export const withoutAccess = (purchase: PurchaseItem): Words | null => {
  const reason = waitsFor(purchase)
  return lostBy(purchase) ?? (reason && waitingFor[reason])
}

/** Why access that was there is there no longer; null where none was ever there. */
export const lostBy = (purchase: PurchaseItem): Words | null => {
  switch (purchase.status) {
    case 'Completed':
      return purchase.hasAccess ? null : { title: 'Your access has ended', text: `${meaning(purchase)}.` }
    case 'Refunded':
      return { title: 'This was refunded', text: `${meaning(purchase)}.` }
    case 'Disputed':
      return { title: 'Your bank disputes the payment', text: 'Access is withheld until that is settled.' }
    case 'ChargedBack':
      return { title: 'Your bank took the payment back', text: 'The access ended with it.' }
    default:
      return null
  }
}
