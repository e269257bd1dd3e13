import { useCallback } from 'react'
import { useSearchParams } from 'wouter'
import { EntitySection } from '../catalog/entity-section.tsx'
import { SearchField } from '../catalog/search-field.tsx'
import { useEntityPages } from '../catalog/use-entity-pages.ts'
import { Loading, Notice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { CurrencySelect } from '../money/currency-select.tsx'

/** The number of entities that are loaded at a time, by type: at most 60 in total. */
const pageSizes = { video: 48, channel: 6, content: 6 } as const

/** The catalog. The search is in the query string, so users can link to it and return to it with the back button. */
export const Catalog = () => {
  const [search, setSearch] = useSearchParams()
  const query = search.get('q')?.trim() ?? ''
  const setQuery = useCallback(
    (text: string) => setSearch(text === '' ? new URLSearchParams() : { q: text }, { replace: true }),
    [setSearch],
  )
  const words = query === '' ? undefined : query
  const videos = useEntityPages({ query: words, type: 'video', limit: pageSizes.video })
  const channels = useEntityPages({ query: words, type: 'channel', limit: pageSizes.channel })
  const contents = useEntityPages({ query: words, type: 'content', limit: pageSizes.content })
  const all = [videos, channels, contents]
  const count = all.reduce((sum, { data }) => sum + (data?.pages.reduce((items, page) => items + page.items.length, 0) ?? 0), 0)
  const isLoaded = all.every(({ isSuccess, isPlaceholderData }) => isSuccess && !isPlaceholderData)
  const resultText = `${count}${all.some(({ hasNextPage }) => hasNextPage) ? ' or more' : ''} ${count === 1 ? 'result' : 'results'}`
  return (
    <Page title="Now showing" lead="Classic films to rent or own. No subscription.">
      <div className="catalog-tools">
        <SearchField label="Search by title" query={query} setQuery={setQuery} />
        <CurrencySelect products={productsOf(all)} />
      </div>
      <p role="status" className="visually-hidden">
        {query !== '' && isLoaded && resultText}
      </p>
      {all.some(({ isPending }) => isPending) && <Loading />}
      {isLoaded && count === 0 && <NothingFound query={query} />}
      <EntitySection type="video" search={query} query={videos} />
      <EntitySection type="channel" search={query} query={channels} />
      <EntitySection type="content" search={query} query={contents} />
    </Page>
  )
}

const productsOf = (lists: ReturnType<typeof useEntityPages>[]) =>
  lists.flatMap(({ data }) => data?.pages.flatMap(({ items }) => items.flatMap(({ products }) => products)) ?? [])

const NothingFound = ({ query }: { query: string }) =>
  query === '' ? (
    <Notice title="No films yet">
      <p>Check back soon.</p>
    </Notice>
  ) : (
    <Notice title="No results">
      <p>
        No title matches <bdi>“{query}”</bdi>. Try fewer words, or the first letters of each.
      </p>
    </Notice>
  )
