import { type PurchaseItem, useConsentTerms, usePurchases } from '@pay-to-view/react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useSearchParams } from 'wouter'
import { ErrorNotice, Loading, Notice, SignedOutNotice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { PurchaseRow } from '../components/purchase-row.tsx'
import { useShop, useUser } from '../context.tsx'
import { formatDate } from '../format.ts'
import { entityPath, purchasePath, watchPath, withdrawPath } from '../paths.ts'
import { checkoutState, isPayable } from '../purchase/checkout-state.ts'
import { isUpcoming, statusDescription, statusName } from '../purchase/status-text.ts'
import { isWithdrawable } from '../purchase/withdrawable.ts'

const pageSize = 10

export const Purchases = () => {
  const { client } = useShop()
  const user = useUser()
  const [search, setSearch] = useSearchParams()
  const page = Math.max(1, Math.trunc(Number(search.get('page'))) || 1)
  const setPage = (next: number) => setSearch(next === 1 ? {} : { page: String(next) })
  const purchases = usePurchases({ page, pageSize })
  const isWithdrawalOffered = Boolean(useConsentTerms())
  const entityIds = [...new Set(purchases.data?.items.map(({ entityId }) => entityId))]
  const refundedIds = purchases.data?.items.flatMap(({ status, purchaseId }) => (status === 'Refunded' ? [purchaseId] : []))
  const entities = useQuery({
    // Refunded purchases are part of the key, because a refund may mean that the event was canceled.
    queryKey: ['titles', user, entityIds, refundedIds],
    queryFn: () => Promise.allSettled(entityIds.map((id) => client.entities.get.query({ id }))),
    enabled: entityIds.length > 0,
    placeholderData: keepPreviousData,
  })
  // Without access, the API does not return an entity that is no longer published, so the entity's id is shown instead of its title.
  const entityById = new Map(
    entities.data?.flatMap((result) => (result.status === 'fulfilled' ? [[result.value.id, result.value] as const] : [])),
  )
  const pageCount = Math.max(1, Math.ceil((purchases.data?.totalCount ?? 0) / pageSize))
  return (
    <Page title="My purchases">
      {user === null && <SignedOutNotice />}
      {purchases.isLoading && <Loading />}
      {purchases.isError && <ErrorNotice error={purchases.error} retry={() => void purchases.refetch()} />}
      {purchases.data?.totalCount === 0 && (
        <Notice title="No purchases yet">
          <Link href="/">Browse films</Link>
        </Notice>
      )}
      {purchases.data && purchases.data.totalCount > 0 && (
        <>
          <ul className="purchases" aria-busy={purchases.isPlaceholderData}>
            {purchases.data.items.map((purchase) => (
              <PurchaseRow
                key={purchase.purchaseId}
                purchase={purchase}
                title={
                  <Link
                    href={
                      purchase.hasAccess || isUpcoming(purchase) ? watchPath(purchase.entityId) : entityPath(purchase.entityId)
                    }
                  >
                    {entityById.get(purchase.entityId)?.title ?? purchase.entityId}
                  </Link>
                }
                subtitle={<PurchaseLinks purchase={purchase} isWithdrawalOffered={isWithdrawalOffered} />}
              >
                <span className={`badge ${purchase.hasAccess || isUpcoming(purchase) ? 'good' : ''}`}>
                  {statusName(purchase)}
                </span>
                <small>{statusDescription(purchase, entityById.get(purchase.entityId)?.canceledAt)}</small>
                {isPayable(purchase) && (
                  <Link href={entityPath(purchase.entityId)} state={checkoutState(purchase.purchaseId)}>
                    Continue checkout
                  </Link>
                )}
              </PurchaseRow>
            ))}
          </ul>
          {pageCount > 1 && <Pager page={page} pageCount={pageCount} shownPage={purchases.data.page} setPage={setPage} />}
        </>
      )}
    </Page>
  )
}

const PurchaseLinks = ({ purchase, isWithdrawalOffered }: { purchase: PurchaseItem; isWithdrawalOffered: boolean }) => (
  <>
    {formatDate(purchase.createdAt)} ·{' '}
    <Link href={purchasePath(purchase.purchaseId)}>{purchase.completedAt ? 'Details and receipt' : 'Details'}</Link>
    {isWithdrawalOffered && isWithdrawable(purchase) && (
      <>
        {' · '}
        <Link href={withdrawPath(purchase.purchaseId)}>
          Withdraw from contract
          <span className="visually-hidden"> of {formatDate(purchase.createdAt)}</span>
        </Link>
      </>
    )}
    {purchase.invoiceUrl !== null && (
      <>
        {' · '}
        <a href={purchase.invoiceUrl} target="_blank" rel="noreferrer">
          Invoice
        </a>
      </>
    )}
  </>
)

interface PagerProps {
  page: number
  pageCount: number
  /** The page whose items are shown, which is the previous page while `page` is being loaded. */
  shownPage: number
  setPage: (page: number) => void
}

const Pager = ({ page, pageCount, shownPage, setPage }: PagerProps) => (
  <nav className="pager" aria-label="Pages">
    <button type="button" className="secondary" disabled={page === 1} onClick={() => setPage(Math.min(page - 1, pageCount))}>
      Newer
    </button>
    <span>
      Page {shownPage} of {pageCount}
    </span>
    <button type="button" className="secondary" disabled={page >= pageCount} onClick={() => setPage(page + 1)}>
      Older
    </button>
  </nav>
)
