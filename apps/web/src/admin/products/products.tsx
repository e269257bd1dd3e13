import type { Inputs } from '@pay-to-view/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { Link, useSearchParams } from 'wouter'
import { SearchField } from '../../catalog/search-field.tsx'
import { cursorPages } from '../../components/cursor-pages.ts'
import { ErrorNotice, Loading, Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { ShowMore } from '../../components/show-more.tsx'
import { useShop, useUser } from '../../context.tsx'
import { productAdminPath } from '../admin-paths.ts'
import { offerTerms } from '../catalog/offer-terms.ts'
import { Field } from '../fields/field.tsx'
import type { Product } from './product-draft.ts'

type Filter = Pick<Inputs['admin']['products']['list'], 'query' | 'status'>

const pageSize = 50
const statuses = ['active', 'withdrawn'] as const

/** The list of products. The filter is in the query string. */
export const Products = () => {
  const [search, setSearch] = useSearchParams()
  const query = search.get('q')?.trim() ?? ''
  const status = statuses.find((known) => known === search.get('status'))
  const change = useCallback(
    (filter: { q: string; status: string }) =>
      setSearch(new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== '')), { replace: true }),
    [setSearch],
  )
  const setQuery = useCallback((q: string) => change({ q, status: status ?? '' }), [change, status])
  return (
    <Page title="Products">
      <p className="row">
        <Link className="button" href="/new-product">
          New product
        </Link>
      </p>
      <div className="catalog-filters">
        <SearchField label="Search by name or ID" query={query} setQuery={setQuery} />
        <Field label="Status">
          {(control) => (
            <select {...control} value={status ?? ''} onChange={(event) => change({ q: query, status: event.target.value })}>
              <option value="">Any</option>
              {statuses.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <FilteredProducts filter={{ query: query === '' ? undefined : query, status }} />
    </Page>
  )
}

const FilteredProducts = ({ filter }: { filter: Filter }) => {
  const { client } = useShop()
  const user = useUser()
  const results = useInfiniteQuery({
    queryKey: ['admin', user, 'products', filter],
    queryFn: ({ pageParam }) => client.admin.products.list.query({ ...filter, limit: pageSize, cursor: pageParam }),
    ...cursorPages,
  })
  const products = results.data?.pages.flatMap(({ items }) => items)
  return (
    <>
      {results.isPending && <Loading />}
      {results.isError && !products && <ErrorNotice error={results.error} retry={() => void results.refetch()} />}
      {products?.length === 0 && (
        <Notice title="No products">
          <p>Try fewer filters, or create a product.</p>
        </Notice>
      )}
      <ul className="rows" aria-label="Products">
        {products?.map((product) => (
          <ProductRow key={product.id} product={product} />
        ))}
      </ul>
      <ShowMore key={JSON.stringify(filter)} query={results} name="products" />
    </>
  )
}

const ProductRow = ({ product }: { product: Product }) => (
  <li>
    <div>
      <Link href={productAdminPath(product.id)}>
        <bdi>{product.name}</bdi>
      </Link>
      <small className="muted">
        {offerTerms(product)} · <code>{product.id}</code>
      </small>
    </div>
    <span className={`badge ${product.status === 'active' ? 'good' : ''}`}>{product.status}</span>
  </li>
)
