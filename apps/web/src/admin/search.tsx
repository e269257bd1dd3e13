import type { Inputs, Outputs } from '@pay-to-view/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useSearchParams } from 'wouter'
import { ErrorNotice, Loading, Notice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { PurchaseRow } from '../components/purchase-row.tsx'
import { ShowMore } from '../components/show-more.tsx'
import { useShop, useUser } from '../context.tsx'
import { formatTimestamp } from '../format.ts'
import { type SearchFilter, searchFilter } from './search-filter.ts'
import { SearchForm } from './search-form.tsx'
import { StatusBadges } from './status-badges.tsx'

/** Cursor of the first page, typed for useInfiniteQuery. */
const firstPage = (): Inputs['admin']['purchases']['search']['after'] => undefined

/** The search for purchases. The filter is in the query string. */
export const Search = () => {
  const [search] = useSearchParams()
  const parsed = searchFilter(search)
  return (
    <Page title="Purchases">
      <SearchForm />
      {'error' in parsed ? (
        <Notice title="The filter can't be read" tone="bad">
          <p>{parsed.error}</p>
        </Notice>
      ) : (
        <FilteredPurchases filter={parsed.filter} />
      )}
    </Page>
  )
}

const FilteredPurchases = ({ filter }: { filter: SearchFilter }) => {
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
      {results.isPending && <Loading label="Searching …" />}
      {results.isError && !results.isFetchNextPageError && (
        <ErrorNotice error={results.error} retry={() => void results.refetch()} />
      )}
      {purchases?.length === 0 && <Notice title="No results">Try fewer filters.</Notice>}
      {purchases && purchases.length > 0 && <SearchResults purchases={purchases} />}
      <ShowMore key={JSON.stringify(filter)} query={results} name="purchases" />
    </>
  )
}

const SearchResults = ({ purchases }: { purchases: Outputs['admin']['purchases']['search']['items'] }) => (
  <ul className="purchases" aria-label="Search results">
    {purchases.map((purchase) => (
      <PurchaseRow
        key={purchase.purchaseId}
        purchase={purchase}
        title={
          <Link href={`/purchases/${purchase.purchaseId}`}>
            {purchase.userId} · {purchase.entityTitle}
          </Link>
        }
        subtitle={
          <>
            {formatTimestamp(purchase.createdAt)} · <code>{purchase.purchaseId}</code>
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
