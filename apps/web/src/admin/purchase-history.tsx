import type { Outputs } from '@pay-to-view/client'
import { isFreeOrder } from '@pay-to-view/react'
import { formatMoney } from '../format.ts'
import { describeCause } from './describe-cause.ts'
import { TimelineItem } from './timeline-item.tsx'

type Purchase = Outputs['admin']['purchases']['get']

/** The status changes of a purchase. */
export const Timeline = ({ purchase }: { purchase: Purchase }) => (
  <section aria-labelledby="timeline">
    <h2 id="timeline">Timeline</h2>
    <ol className="timeline">
      <TimelineItem at={purchase.createdAt} title="Created" />
      {purchase.timeline.map((change) => (
        <TimelineItem
          key={`${change.at}${change.toStatus}${change.note}`}
          at={change.at}
          title={change.fromStatus === change.toStatus ? change.toStatus : `${change.fromStatus} → ${change.toStatus}`}
        >
          {describeCause(change.cause, isFreeOrder(purchase))}
          {change.note && ` · ${change.note}`}
        </TimelineItem>
      ))}
    </ol>
  </section>
)

type RefundRequest = Purchase['refundRequests'][number]

const requestedText = (amount: number | null, purchase: Purchase): string => {
  if (isFreeOrder(purchase)) return 'Access taken back'
  return amount === null ? 'Full amount' : formatMoney(amount, purchase.currencyPaid ?? purchase.currency)
}

/** A free order has no refund at Stripe. */
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
            {request.error ?? refundStatus(request, purchase)}
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
