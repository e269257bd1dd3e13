import type { Outputs } from '@pay-to-view/client'
import { usePurchases } from '@pay-to-view/react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { useShop, useUser } from '../context.tsx'
import { date, moment, money } from '../format.ts'
import { Failure, Notice, Waiting } from '../parts/notice.tsx'
import { Page } from '../parts/page.tsx'

type Purchase = Outputs['purchases']['list']['items'][number]

const pageSize = 10

/** What a purchase's status means for its buyer. */
const meaning = (purchase: Purchase): string => {
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

export const Purchases = () => {
  const { client } = useShop()
  const user = useUser()
  const [page, setPage] = useState(1)
  const entities = useQuery({ queryKey: ['entities'], queryFn: () => client.entities.list.query({}) })
  const purchases = usePurchases({ page, pageSize })
  const titles = new Map(entities.data?.items.map(({ entityId, title }) => [entityId, title]))
  const pages = Math.max(1, Math.ceil((purchases.data?.totalCount ?? 0) / pageSize))
  return (
    <Page title="My purchases">
      {user === null && (
        <Notice title="You are signed out">
          <Link className="button" href="/sign-in?next=/purchases">
            Sign in
          </Link>
        </Notice>
      )}
      {purchases.isLoading && <Waiting what="Fetching them …" />}
      {purchases.isError && <Failure error={purchases.error} retry={() => void purchases.refetch()} />}
      {purchases.data?.items.length === 0 && (
        <Notice title="Nothing yet">
          <Link href="/">See what is showing</Link>
        </Notice>
      )}
      {purchases.data && purchases.data.items.length > 0 && (
        <>
          <ul className="purchases">
            {purchases.data.items.map((purchase) => (
              <li key={purchase.purchaseId}>
                <div>
                  <Link href={purchase.hasAccess ? `/watch/${purchase.entityId}` : `/e/${purchase.entityId}`}>
                    {titles.get(purchase.entityId) ?? purchase.entityId}
                  </Link>
                  <small>
                    Bought on {date(purchase.createdAt)} · <code>{purchase.purchaseId}</code>
                  </small>
                </div>
                <div className="sum">
                  {money(purchase.amount, purchase.currency)}
                  {purchase.amountRefunded > 0 && <small>{money(purchase.amountRefunded, purchase.currency)} refunded</small>}
                </div>
                <div>
                  <span className={`badge ${purchase.hasAccess ? 'good' : ''}`}>{purchase.status}</span>
                  <small>{meaning(purchase)}</small>
                </div>
              </li>
            ))}
          </ul>
          {pages > 1 && (
            <nav className="pager" aria-label="Pages">
              <button type="button" className="quiet" disabled={page === 1} onClick={() => setPage(page - 1)}>
                Newer
              </button>
              <span>
                Page {page} of {pages}
              </span>
              <button type="button" className="quiet" disabled={page >= pages} onClick={() => setPage(page + 1)}>
                Older
              </button>
            </nav>
          )}
        </>
      )}
    </Page>
  )
}
