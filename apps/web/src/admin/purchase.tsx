import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { useShop, useUser } from '../context.tsx'
import { duration, money, stamp } from '../format.ts'
import { Failure, Waiting } from '../parts/notice.tsx'
import { Page } from '../parts/page.tsx'
import { Accept } from './accept.tsx'
import { Alerts } from './alerts.tsx'
import { Badge } from './badge.tsx'
import { causeOf } from './cause.ts'
import { Moment } from './moment.tsx'
import { Refund } from './refund.tsx'

/** Everything about one purchase, and what an operator can do with it. */
export const Purchase = ({ id }: { id: string }) => {
  const { client } = useShop()
  const user = useUser()
  const found = useQuery({
    queryKey: ['admin', user, 'purchase', id],
    queryFn: () => client.admin.purchases.get.query({ id }),
    refetchInterval: 5_000,
  })
  if (found.isError && !found.data) {
    return (
      <Page title="Purchase">
        <Failure
          error={found.error}
          retry={() => void found.refetch()}
          onward={
            <Link className="button" href="/">
              All purchases
            </Link>
          }
        />
      </Page>
    )
  }
  if (!found.data) {
    return (
      <Page title="Purchase">
        <Waiting what="Fetching it …" />
      </Page>
    )
  }
  const purchase = found.data
  const paidIn = purchase.currencyPaid ?? purchase.currency
  const links = [
    ['Workflow in Temporal', purchase.links.workflow],
    ['Payment at Stripe', purchase.links.payment],
    ['Checkout at Stripe', purchase.links.checkout],
  ] as const
  return (
    <Page title={`${purchase.userId} · ${purchase.entityTitle}`}>
      <p>
        <Badge purchase={purchase} /> <code>{purchase.purchaseId}</code>
      </p>
      <p className="links">
        {links.map(
          ([name, href]) =>
            href && (
              <a key={name} href={href} target="_blank" rel="noreferrer">
                {name}
              </a>
            ),
        )}
      </p>
      <Accept purchase={purchase} />
      <dl className="facts">
        <Fact name="Quoted">{money(purchase.amount, purchase.currency)}</Fact>
        <Fact name="Paid">{money(purchase.amountPaid, paidIn)}</Fact>
        <Fact name="Refunded">{money(purchase.amountRefunded, paidIn)}</Fact>
        {purchase.disputes.map(({ id, amount, status }) => (
          <Fact key={id} name="Disputed">
            {money(amount, paidIn)} <small>{status.replaceAll('_', ' ')}</small>
          </Fact>
        ))}
        <Fact name="Product">
          {purchase.productName} <small>{duration(purchase.accessDurationDays)}</small>
        </Fact>
        <Fact name="Created">{stamp(purchase.createdAt)}</Fact>
        {purchase.status === 'Pending' && !purchase.processing && (
          <Fact name="Checkout ends">{stamp(purchase.checkoutDeadline)}</Fact>
        )}
        {purchase.completedAt && <Fact name="Paid on">{stamp(purchase.completedAt)}</Fact>}
        {purchase.hasAccess && purchase.expiresAt && <Fact name="Access until">{stamp(purchase.expiresAt)}</Fact>}
        {purchase.externalTransactionId && (
          <Fact name="Payment intent">
            <code>{purchase.externalTransactionId}</code>
          </Fact>
        )}
      </dl>
      {purchase.alerts.length > 0 && (
        <section aria-labelledby="alerts">
          <h2 id="alerts">Alerts</h2>
          <Alerts alerts={purchase.alerts.map((alert) => ({ ...alert, purchaseId: null }))} />
        </section>
      )}
      <section aria-labelledby="timeline">
        <h2 id="timeline">Timeline</h2>
        <ol className="timeline">
          <Moment at={purchase.createdAt} title="Created" />
          {purchase.timeline.map((change) => (
            <Moment
              key={`${change.at}${change.toStatus}${change.note}`}
              at={change.at}
              title={change.fromStatus === change.toStatus ? change.toStatus : `${change.fromStatus} → ${change.toStatus}`}
            >
              {causeOf(change.cause)}
              {change.note && ` · ${change.note}`}
            </Moment>
          ))}
        </ol>
      </section>
      {purchase.refundRequests.length > 0 && (
        <section aria-labelledby="refunds">
          <h2 id="refunds">Refunds asked for</h2>
          <ol className="timeline">
            {purchase.refundRequests.map((request) => (
              <Moment
                key={request.requestId}
                at={request.createdAt}
                title={`${request.amount === null ? 'All' : money(request.amount, paidIn)} by ${request.requestedBy}`}
              >
                {request.error ?? purchase.refunds.find((refund) => refund.id === request.refundId)?.status ?? 'no answer yet'}
                {request.reason && ` · ${request.reason}`}
              </Moment>
            ))}
          </ol>
        </section>
      )}
      <Refund purchase={purchase} />
      <details>
        <summary>Stripe’s events ({purchase.events.length})</summary>
        <ol className="timeline">
          {purchase.events.map((event) => (
            <Moment key={event.id} at={event.createdAt} title={event.type}>
              <code>{event.id}</code> by {event.source}, {event.appliedAt ? 'applied' : 'not applied'}
            </Moment>
          ))}
        </ol>
      </details>
    </Page>
  )
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)
