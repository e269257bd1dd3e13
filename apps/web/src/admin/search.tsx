import type { Inputs } from '@pay-to-view/client'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { type ChangeEvent, type FormEvent, useState } from 'react'
import { Link, useLocation, useSearchParams } from 'wouter'
import { useShop, useUser } from '../context.tsx'
import { stamp } from '../format.ts'
import { Failure, Notice, Waiting } from '../parts/notice.tsx'
import { Page } from '../parts/page.tsx'
import { PurchaseRow } from '../parts/purchase-row.tsx'
import { Badge } from './badge.tsx'
import { ExportButton } from './export.tsx'
import { filterOf, statuses } from './filter.ts'

/** Where the first page begins. */
const newest = (): Inputs['admin']['purchases']['search']['after'] => undefined

export const Search = () => {
  const { client } = useShop()
  const user = useUser()
  const [search, setSearch] = useSearchParams()
  const [, navigate] = useLocation()
  const filter = filterOf(search)
  /** What the fields say, which is not asked for yet; they follow the address. */
  const [fields, setFields] = useState({ address: search.toString(), values: Object.fromEntries(search) })
  if (fields.address !== search.toString()) setFields({ address: search.toString(), values: Object.fromEntries(search) })
  const entities = useQuery({ queryKey: ['entities'], queryFn: () => client.entities.list.query({}) })
  const found = useInfiniteQuery({
    queryKey: ['admin', user, 'purchases', filter],
    queryFn: ({ pageParam }) => client.admin.purchases.search.query({ ...filter, after: pageParam }),
    initialPageParam: newest(),
    getNextPageParam: ({ next }) => next ?? undefined,
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const asked = Object.entries(fields.values).flatMap(([name, value]) => (value.trim() === '' ? [] : [[name, value.trim()]]))
    const purchase = asked.find(([name, value]) => name === 'payment' && value?.startsWith('ptv_'))
    if (purchase) navigate(`/purchases/${encodeURIComponent(purchase[1] ?? '')}`)
    else setSearch(new URLSearchParams(asked))
  }
  const field = (name: string) => ({
    name,
    value: fields.values[name] ?? '',
    onChange: ({ currentTarget }: ChangeEvent<HTMLInputElement | HTMLSelectElement>) =>
      setFields({ ...fields, values: { ...fields.values, [name]: currentTarget.value } }),
  })
  const clear = (): void => {
    setFields({ ...fields, values: {} })
    setSearch(new URLSearchParams())
  }
  const items = found.data?.pages.flatMap((page) => page.items)
  return (
    <Page title="Purchases">
      <form className="filters" onSubmit={submit}>
        <label>
          User
          <input {...field('user')} maxLength={200} spellCheck={false} />
        </label>
        <label>
          Purchase or payment
          <input {...field('payment')} placeholder="ptv_… or pi_…" maxLength={255} spellCheck={false} />
        </label>
        <label>
          Film, channel, content
          <select {...field('entity')}>
            <option value="">Any</option>
            {entities.data?.items.map(({ entityId, title }) => (
              <option key={entityId} value={entityId}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <label>
          Status
          <select {...field('status')}>
            <option value="">Any</option>
            {statuses.map((status) => (
              <option key={status}>{status}</option>
            ))}
          </select>
        </label>
        <label>
          From
          <input type="date" {...field('from')} />
        </label>
        <label>
          To
          <input type="date" {...field('to')} />
        </label>
        <div className="row">
          <button type="submit">Search</button>
          <button type="button" className="quiet" onClick={clear}>
            Clear
          </button>
          <ExportButton filter={filterOf(new URLSearchParams(fields.values))} />
        </div>
      </form>
      {found.isPending && <Waiting what="Searching …" />}
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
      {items?.length === 0 && <Notice title="None found">Leave a field out, or look at its spelling.</Notice>}
      {items && items.length > 0 && (
        <ul className="purchases" aria-label="Purchases found">
          {items.map((purchase) => (
            <PurchaseRow
              key={purchase.purchaseId}
              purchase={purchase}
              title={
                <Link href={`/purchases/${purchase.purchaseId}`}>
                  {purchase.userId} · {purchase.entityTitle}
                </Link>
              }
              under={
                <>
                  {stamp(purchase.createdAt)} · <code>{purchase.purchaseId}</code>
                </>
              }
            >
              <Badge purchase={purchase} />
              <small>{purchase.productName}</small>
            </PurchaseRow>
          ))}
        </ul>
      )}
      {found.hasNextPage && (
        <div className="pager">
          <button type="button" className="quiet" disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            Show more
          </button>
        </div>
      )}
    </Page>
  )
}
