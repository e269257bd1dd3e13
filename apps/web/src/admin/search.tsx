import type { Inputs, Outputs } from '@pay-to-view/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useSearchParams } from 'wouter'
import { ErrorNotice, Loading, Notice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { PurchaseRow } from '../components/purchase-row.tsx'
import { ShowMore } from '../components/show-more.tsx'
import { useShop, useUser } from '../context.tsx'
import { timestampFormat } from '../format.ts'
import { purchasePath } from '../paths.ts'
import { userAdminPath } from './admin-paths.ts'
import { type SearchFilter, searchFilter } from './search-filter.ts'
import { SearchForm } from './search-form.tsx'
import { StatusBadges } from './status-badges.tsx'

/** The cursor of the first page, typed for useInfiniteQuery. */
const firstPage = (): Inputs['admin']['purchases']['search']['after'] => undefined

/** The purchase search. The filter is in the query string. */
export const Search = () => {
  const [search] = useSearchParams()
  const parsed = searchFilter(search)
  return (
    <Page title="Purchases">
      <SearchForm />
      {'error' in parsed ? (
        <Notice title="The filter is invalid" tone="bad">
          <p>{parsed.error}</p>
        </Notice>
      ) : (
        <>
          {parsed.filter.userIdPrefix !== undefined && (
            <p>
              <Link href={userAdminPath(parsed.filter.userIdPrefix)}>
                Access, purchases and refunds of the user <bdi>{parsed.filter.userIdPrefix}</bdi>
              </Link>
            </p>
          )}
          <FilteredPurchases filter={parsed.filter} timezone={parsed.timezone} />
        </>
      )}
    </Page>
  )
}

interface FilteredPurchasesProps {
  filter: SearchFilter & { userId?: string }
  /** Whether each purchase has a link to its user. */
  hasUserLinks?: boolean
  /** The time zone for the times in the list; by default, the browser's time zone. */
  timezone?: string | undefined
}

/** The purchases that match a filter, page by page. */
export const FilteredPurchases = ({ filter, hasUserLinks = true, timezone }: FilteredPurchasesProps) => {
  const { client } = useShop()
  const user = useUser()
  const results = useInfiniteQuery({
    queryKey: ['admin', user, 'purchases', filter],
    queryFn: ({ pageParam }) => client.admin.purchases.search.query({ ...filter, after: pageParam }),
    initialPageParam: firstPage(),
    getNextPageParam: ({ next }) => next ?? undefined,
  })
  const purchases = results.data?.pages.flatMap((page) => page.items)
  return (
    <>
      {results.isPending && <Loading label="Searching…" />}
      {results.isError && !results.isFetchNextPageError && (
        <ErrorNotice error={results.error} retry={() => void results.refetch()} />
      )}
      {purchases?.length === 0 && <NoPurchases isOfUser={filter.userId !== undefined} />}
      {purchases && purchases.length > 0 && <SearchResults {...{ purchases, hasUserLinks, timezone }} />}
      <ShowMore key={JSON.stringify(filter)} query={results} name="purchases" />
    </>
  )
}

const NoPurchases = ({ isOfUser }: { isOfUser: boolean }) =>
  isOfUser ? <p className="muted">No purchases.</p> : <Notice title="No results">Try fewer filters.</Notice>

interface SearchResultsProps {
  purchases: Outputs['admin']['purchases']['search']['items']
  hasUserLinks: boolean
  timezone: string | undefined
}

const SearchResults = ({ purchases, hasUserLinks, timezone }: SearchResultsProps) => {
  const formatTime = timestampFormat(timezone)
  return (
    <ul className="purchases" aria-label="Search results">
      {purchases.map((purchase) => (
        <PurchaseRow
          key={purchase.purchaseId}
          purchase={purchase}
          title={
            <Link href={purchasePath(purchase.purchaseId)}>
              {purchase.userId} · {purchase.entityTitle}
            </Link>
          }
          subtitle={
            <>
              {formatTime(purchase.createdAt)} · <code>{purchase.purchaseId}</code>
              {hasUserLinks && (
                <>
                  {' · '}
                  <Link href={userAdminPath(purchase.userId)}>
                    User page<span className="visually-hidden"> of {purchase.userId}</span>
                  </Link>
                </>
              )}
            </>
          }
        >
          <StatusBadges purchase={purchase} />
          <small>
            {[purchase.productName, purchase.country, purchase.invoiceNumber].filter((text) => text !== null).join(' · ')}
          </small>
        </PurchaseRow>
      ))}
    </ul>
  )
}
