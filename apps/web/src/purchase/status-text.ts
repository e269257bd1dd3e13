import { wasEndedByCancellation } from '@pay-to-view/purchase'
import { isFreeOrder, type PendingReason, type PurchaseItem, pendingReason } from '@pay-to-view/react'
import { formatCount, formatDate, formatDateTime, formatMoney } from '../format.ts'

interface NoticeText {
  title: string
  text: string
}

export const pendingTexts = {
  payment_processing: {
    title: 'Payment processing',
    text: "Your bank is processing the payment, which can take a few days. You'll get access automatically.",
  },
  payment_review: {
    title: 'Payment under review',
    text: "The payment doesn't match your order. We'll either give you access or refund you.",
  },
  disputed: {
    title: 'Earlier payment disputed',
    text: "You can't buy this again until the dispute is resolved. Contact your bank or us.",
  },
} as const satisfies Record<PendingReason, NoticeText>

/** A free order whose access was revoked is shown as "Canceled", because nothing was refunded. */
export const statusName = (purchase: Pick<PurchaseItem, 'status' | 'completedAt' | 'amountPaid'>): string => {
  if (purchase.status === 'ChargedBack') return 'Charged back'
  return purchase.status === 'Refunded' && isFreeOrder(purchase) ? 'Canceled' : purchase.status
}

/** Whether a purchase gives access later: it was pre-sold, or it is a renewal. */
export const isUpcoming = ({ status, startsAt }: Pick<PurchaseItem, 'status' | 'startsAt'>): boolean =>
  status === 'Completed' && startsAt !== null && Date.parse(startsAt) > Date.now()

const weekMs = 7 * 86_400_000

/** Includes the time of day if the date is less than a week away. */
const formatEnd = (time: string): string =>
  Math.abs(Date.parse(time) - Date.now()) < weekMs ? formatDateTime(time) : formatDate(time)

const accessDescription = (purchase: PurchaseItem): string => {
  const { hasAccess, startsAt, expiresAt, rental } = purchase
  if (startsAt !== null && isUpcoming(purchase)) {
    if (rental !== null && expiresAt !== null)
      return `From ${formatDateTime(startsAt)}: start by ${formatDateTime(expiresAt)}, then watch for ${formatCount(rental.watchWithinHours, 'hour')}`
    const from = `Access from ${formatDateTime(startsAt)}`
    return expiresAt === null ? from : `${from} until ${formatDateTime(expiresAt)}`
  }
  if (expiresAt === null) return hasAccess ? 'Permanent access' : 'No access'
  if (!hasAccess) return `Access ended on ${formatEnd(expiresAt)}`
  if (rental === null) return `Access until ${formatEnd(expiresAt)}`
  return rental.startedAt === null ? `Start by ${formatEnd(expiresAt)}` : `Started, access until ${formatDateTime(expiresAt)}`
}

const refundedAmount = ({ amountRefunded, currencyPaid, currency }: PurchaseItem): string =>
  formatMoney(amountRefunded, currencyPaid ?? currency)

/**
 * Explains that a purchase gives no access because the event was canceled. Null if the purchase ended for another reason.
 * `canceledAt` is when the entity was canceled.
 */
export const canceledText = (purchase: PurchaseItem, canceledAt: string | null): NoticeText | null => {
  const { status, refundedAt } = purchase
  const ended = {
    ...{ status, hasPendingPayment: pendingReason(purchase) !== null },
    refundedAt: refundedAt === null ? null : new Date(refundedAt),
  }
  if (canceledAt === null || !wasEndedByCancellation(ended, new Date(canceledAt))) return null
  const title = 'This event was canceled'
  if (status !== 'Refunded') return { title, text: "You weren't charged." }
  return { title, text: isFreeOrder(purchase) ? 'Your order was free.' : `${refundedAmount(purchase)} was refunded.` }
}

/** The status with its explanation on one line, for the receipt. */
export const statusLine = (purchase: PurchaseItem, canceledAt: string | null): string => {
  const name = statusName(purchase)
  const isRefundLine = purchase.status === 'Refunded' && purchase.refundedAt !== null && !canceledText(purchase, canceledAt)
  if (isRefundLine) return `${name} on ${formatDate(purchase.refundedAt ?? '')}.`
  const description = statusDescription(purchase, canceledAt)
  return description === '' ? `${name}.` : `${name}. ${description}.`
}

/** Explains a purchase's status to the user, next to the status name. `canceledAt` is when the entity was canceled. */
export const statusDescription = (purchase: PurchaseItem, canceledAt: string | null = null): string => {
  const canceled = canceledText(purchase, canceledAt)
  if (canceled) return `${canceled.title}. ${canceled.text.replace(/\.$/, '')}`
  switch (purchase.status) {
    case 'Pending':
      if (purchase.processing) return 'Your bank is processing the payment'
      return pendingReason(purchase) === 'payment_review' ? pendingTexts.payment_review.title : 'Not paid'
    case 'Completed':
      return accessDescription(purchase)
    case 'Refunded':
      return purchase.refundedAt ? `On ${formatDate(purchase.refundedAt)}` : ''
    case 'Expired':
      return 'The checkout expired without a payment'
    case 'Failed':
      return 'The payment failed'
    case 'Disputed':
      return 'The payment was disputed with your bank'
    case 'ChargedBack':
      return 'Your bank reversed the payment'
    default:
      return purchase.status satisfies never
  }
}

/** Explains why a purchase gives no access. Null if nothing was paid. */
export const noAccessText = (purchase: PurchaseItem): NoticeText | null => {
  const reason = pendingReason(purchase)
  return lostAccessText(purchase) ?? (reason && pendingTexts[reason])
}

/** Explains why a purchase no longer gives access. Null if it never gave access. */
export const lostAccessText = (purchase: PurchaseItem): NoticeText | null => {
  switch (purchase.status) {
    case 'Completed':
      return purchase.hasAccess || isUpcoming(purchase)
        ? null
        : { title: 'Your access has ended', text: `${statusDescription(purchase)}.` }
    case 'Refunded': {
      const on = purchase.refundedAt === null ? '' : ` on ${formatDate(purchase.refundedAt)}`
      return isFreeOrder(purchase)
        ? { title: 'Order canceled', text: `Your access ended${on}.` }
        : { title: 'Purchase refunded', text: `${refundedAmount(purchase)} was refunded${on}.` }
    }
    case 'Disputed':
      return { title: 'Payment disputed', text: 'Access is on hold until the dispute is resolved.' }
    case 'ChargedBack':
      return { title: 'Payment reversed by your bank', text: 'Your access has ended.' }
    default:
      return null
  }
}
