import type { Outputs } from '@pay-to-view/client'
import { isFreeOrder } from '@pay-to-view/react'
import { formatMoney } from '../format.ts'
import { describeCause } from './describe-cause.ts'
import { TimelineItem } from './timeline-item.tsx'
import { changeTitle, formatNote, refundErrorText, withdrawalRefusalText } from './timeline-text.ts'

type Purchase = Outputs['admin']['purchases']['get']

const withdrawalTitles = {
  requested: 'Buyer asked to withdraw',
  confirmed: 'Buyer withdrew from the contract',
  refused: 'Withdrawal refused',
} as const satisfies Record<Purchase['withdrawal'][number]['step'], string>

/** A purchase's status changes, and the steps of the buyer's withdrawal from the contract. */
export const Timeline = ({ purchase }: { purchase: Purchase }) => {
  const changes = purchase.timeline.map((change) => ({
    ...{ at: change.at, key: `${change.at}${change.toStatus}${change.note}` },
    title: changeTitle(change),
    text: [describeCause(change.cause, isFreeOrder(purchase)), change.note && formatNote(change.note)],
  }))
  const steps = purchase.withdrawal.map(({ at, step, reason }) => ({
    ...{ at, key: `${at}${step}`, title: withdrawalTitles[step] },
    text: [reason && withdrawalRefusalText(reason)],
  }))
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <ol className="timeline">
        <TimelineItem at={purchase.createdAt} title="Created" />
        {[...changes, ...steps]
          .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
          .map(({ at, key, title, text }) => (
            <TimelineItem key={key} at={at} title={title}>
              {text.filter(Boolean).join(' · ')}
            </TimelineItem>
          ))}
      </ol>
    </section>
  )
}

type RefundRequest = Purchase['refundRequests'][number]

const requestedText = (amount: number | null, purchase: Purchase): string => {
  if (isFreeOrder(purchase)) return 'Access revoked'
  return amount === null ? 'Full amount' : formatMoney(amount, purchase.currencyPaid ?? purchase.currency)
}

/** Returns the status of a refund request. A free order has no refund in Stripe. */
const refundStatus = ({ refundId, answeredAt }: RefundRequest, purchase: Purchase): string => {
  if (isFreeOrder(purchase)) return answeredAt === null ? 'in progress' : 'done'
  return purchase.refunds.find((refund) => refund.id === refundId)?.status ?? 'waiting for Stripe'
}

export const RefundRequests = ({ purchase }: { purchase: Purchase }) => {
  return (
    <section aria-labelledby="refunds">
      <h2 id="refunds">Refund requests</h2>
      <ol className="timeline">
        {purchase.refundRequests.map((request) => (
          <TimelineItem
            key={request.requestId}
            at={request.createdAt}
            title={`${requestedText(request.amount, purchase)} by ${request.requestedBy}`}
          >
            {request.error === null ? refundStatus(request, purchase) : refundErrorText(request.error)}
            {request.reason && ` · ${request.reason}`}
          </TimelineItem>
        ))}
      </ol>
    </section>
  )
}

export const StripeEvents = ({ events }: { events: Purchase['events'] }) => (
  <details>
    <summary>Stripe events ({events.length})</summary>
    <ol className="timeline">
      {events.map((event) => (
        <TimelineItem key={event.id} at={event.createdAt} title={event.type}>
          <code>{event.id}</code> from {event.source}, {event.appliedAt ? 'applied' : 'not applied'}
        </TimelineItem>
      ))}
    </ol>
  </details>
)
