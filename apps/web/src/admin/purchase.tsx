import type { Outputs } from '@pay-to-view/client'
import { isFreeOrder } from '@pay-to-view/react'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { ErrorNotice, Loading } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { useShop, useUser } from '../context.tsx'
import { encodeId } from '../paths.ts'
import { AcceptPayment } from './accept-payment.tsx'
import { userAdminPath } from './admin-paths.ts'
import { type Alert, AlertList } from './alert-list.tsx'
import { AlertResolver } from './alert-resolver.tsx'
import { DisputeSection } from './dispute-section.tsx'
import { PurchaseFields } from './purchase-fields.tsx'
import { PurchaseGrant } from './purchase-grant.tsx'
import { RefundRequests, StripeEvents, Timeline } from './purchase-history.tsx'
import { RefundForm } from './refund-form.tsx'
import { RevokeForm } from './revoke-form.tsx'
import { StatusBadges } from './status-badges.tsx'

/** Everything about one purchase, with the actions that an operator can take. */
export const Purchase = ({ id }: { id: string }) => {
  const { client } = useShop()
  const user = useUser()
  const details = useQuery({
    queryKey: ['admin', user, 'purchase', id],
    queryFn: () => client.admin.purchases.get.query({ id }),
    refetchInterval: 5_000,
  })
  if (details.isError && !details.data) {
    return (
      <Page title="Purchase">
        <ErrorNotice
          error={details.error}
          retry={() => void details.refetch()}
          fallbackAction={
            <Link className="button" href="/purchases">
              All purchases
            </Link>
          }
        />
      </Page>
    )
  }
  if (!details.data) {
    return (
      <Page title="Purchase">
        <Loading />
      </Page>
    )
  }
  const purchase = details.data
  const links = [
    ['Temporal workflow', purchase.links.workflow],
    ['Stripe payment', purchase.links.payment],
    ['Stripe checkout', purchase.links.checkout],
  ] as const
  return (
    <Page title={`${purchase.userId} · ${purchase.entityTitle}`}>
      <p>
        <StatusBadges purchase={purchase} />
        {purchase.isRenewal && <span className="badge">renewal</span>} <code>{purchase.purchaseId}</code>
      </p>
      <p className="links">
        <Link href={userAdminPath(purchase.userId)}>
          User page<span className="visually-hidden"> of {purchase.userId}</span>
        </Link>
        <Link href={`/emails?purchaseId=${encodeId(purchase.purchaseId)}`}>E-mails</Link>
        {links.map(
          ([name, href]) =>
            href && (
              <a key={name} href={href} target="_blank" rel="noreferrer">
                {name}
              </a>
            ),
        )}
      </p>
      <AcceptPayment purchase={purchase} />
      <PurchaseFields purchase={purchase} />
      <PurchaseGrant purchase={purchase} />
      {purchase.alerts.length > 0 && (
        <section aria-labelledby="alerts">
          <h2 id="alerts">Alerts</h2>
          <AlertResolver>{(resolve) => <AlertList alerts={alertsOf(purchase)} onResolve={resolve} />}</AlertResolver>
        </section>
      )}
      {purchase.disputes.length > 0 && <DisputeSection purchase={purchase} />}
      <Timeline purchase={purchase} />
      {purchase.refundRequests.length > 0 && <RefundRequests purchase={purchase} />}
      {isFreeOrder(purchase) ? <RevokeForm purchase={purchase} /> : <RefundForm purchase={purchase} />}
      <StripeEvents events={purchase.events} />
    </Page>
  )
}

/** Returns the purchase's alerts without a link to the purchase, because the alerts are shown on the purchase page. */
const alertsOf = ({ alerts, entityId, ...purchase }: Outputs['admin']['purchases']['get']): Alert[] => {
  const { userId, entityTitle } = purchase
  const currency = purchase.currencyPaid ?? purchase.currency
  return alerts.map((alert) => ({ ...alert, purchaseId: null, purchase: { userId, entityId, entityTitle, currency } }))
}
