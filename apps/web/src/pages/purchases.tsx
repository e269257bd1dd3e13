import { usePurchases } from '@pay-to-view/react'
import { useQuery } from '@tanstack/react-query'
import { Link, useSearchParams } from 'wouter'
import { useShop, useUser } from '../context.tsx'
import { date } from '../format.ts'
import { Failure, Notice, SignedOut, Waiting } from '../parts/notice.tsx'
import { Page } from '../parts/page.tsx'
import { PurchaseRow } from '../parts/purchase-row.tsx'
import { meaning, statusName } from '../purchase/meaning.ts'

const pageSize = 10

export const Purchases = () => {
  const { client } = useShop()
  const user = useUser()
  const [search, setSearch] = useSearchParams()
  const page = Math.max(1, Math.trunc(Number(search.get('page'))) || 1)
  const setPage = (wanted: number) => setSearch(wanted === 1 ? {} : { page: String(wanted) })
  const entities = useQuery({ queryKey: ['entities'], queryFn: () => client.entities.list.query({}) })
  const purchases = usePurchases({ page, pageSize })
  const titles = new Map(entities.data?.items.map(({ entityId, title }) => [entityId, title]))
  const pages = Math.max(1, Math.ceil((purchases.data?.totalCount ?? 0) / pageSize))
  return (
    <Page title="My purchases">
      {user === null && <SignedOut />}
      {purchases.isLoading && <Waiting what="Fetching them …" />}
      {purchases.isError && <Failure error={purchases.error} retry={() => void purchases.refetch()} />}
      {purchases.data?.totalCount === 0 && (
        <Notice title="Nothing yet">
          <Link href="/">See what is showing</Link>
        </Notice>
      )}
      {purchases.data && purchases.data.totalCount > 0 && (
        <>
          <ul className="purchases">
            {purchases.data.items.map((purchase) => (
              <PurchaseRow
                key={purchase.purchaseId}
                purchase={purchase}
                title={
                  <Link href={purchase.hasAccess ? `/watch/${purchase.entityId}` : `/e/${purchase.entityId}`}>
                    {titles.get(purchase.entityId) ?? purchase.entityId}
                  </Link>
                }
                under={
                  <>
                    {date(purchase.createdAt)} · <Link href={`/purchases/${purchase.purchaseId}`}>Details and receipt</Link>
                  </>
                }
              >
                <span className={`badge ${purchase.hasAccess ? 'good' : ''}`}>{statusName(purchase.status)}</span>
                <small>{meaning(purchase)}</small>
              </PurchaseRow>
            ))}
          </ul>
          {pages > 1 && (
            <nav className="pager" aria-label="Pages">
              <button type="button" className="quiet" disabled={page === 1} onClick={() => setPage(Math.min(page - 1, pages))}>
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
