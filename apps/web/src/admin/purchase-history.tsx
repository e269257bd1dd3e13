import type { Outputs } from '@pay-to-view/client'
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
          {describeCause(change.cause)}
          {change.note && ` · ${change.note}`}
        </TimelineItem>
      ))}
    </ol>
  </section>
)

export const RefundRequests = ({ purchase }: { purchase: Purchase }) => {
  const paidCurrency = purchase.currencyPaid ?? purchase.currency
  return (
    <section aria-labelledby="refunds">
      <h2 id="refunds">Refund requests</h2>
      <ol className="timeline">
        {purchase.refundRequests.map((request) => (
          <TimelineItem
            key={request.requestId}
            at={request.createdAt}
            title={`${request.amount === null ? 'Full amount' : formatMoney(request.amount, paidCurrency)} by ${request.requestedBy}`}
          >
            {request.error ?? purchase.refunds.find((refund) => refund.id === request.refundId)?.status ?? 'waiting for Stripe'}
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
