import { isFreeOrder, type PurchaseItem } from '@pay-to-view/react'
import { Link } from 'wouter'
import { Notice } from '../components/notice.tsx'
import { purchasePath } from '../paths.ts'
import { canceledText, statusName } from './status-text.ts'

const endedTitles: Partial<Record<string, string>> = {
  Expired: 'Checkout expired',
  Failed: 'Payment failed',
  Refunded: 'Purchase refunded',
}

const endedTexts: Partial<Record<string, string>> = {
  Refunded: 'Your payment was refunded.',
  ChargedBack: 'Your bank reversed the payment.',
}

interface CanceledProps {
  purchase: PurchaseItem
  /** When the entity was canceled, or null. */
  canceledAt: string | null
}

/** Says that the event was canceled, and what happened to the payment. Renders nothing if the purchase ended for another reason. */
export const Canceled = ({ purchase, canceledAt }: CanceledProps) => {
  const canceled = canceledText(purchase, canceledAt)
  return (
    canceled && (
      <Notice title={canceled.title}>
        <p>{canceled.text}</p>
        <p>
          <Link href={purchasePath(purchase.purchaseId)}>Purchase details</Link>
        </p>
      </Notice>
    )
  )
}

/** Shown when the checkout on this page ended without giving access. */
export const Ended = ({ purchase, canceledAt, reset }: CanceledProps & { reset: () => void }) => {
  if (canceledText(purchase, canceledAt)) return <Canceled purchase={purchase} canceledAt={canceledAt} />
  const isFree = isFreeOrder(purchase)
  const isPaid = purchase.status === 'Refunded' && !isFree
  return (
    <Notice title={(!isFree && endedTitles[purchase.status]) || statusName(purchase)} tone="bad">
      <p>
        {(!isFree && endedTexts[purchase.status]) || "You weren't charged."}{' '}
        {isPaid ? 'You can buy it again.' : 'You can try again.'}
      </p>
      <button type="button" onClick={reset}>
        See purchase options
      </button>
    </Notice>
  )
}
