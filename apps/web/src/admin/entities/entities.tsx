import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { Link, useSearchParams } from 'wouter'
import { cursorPages } from '../../components/cursor-pages.ts'
import { ErrorNotice, Loading, Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { ShowMore } from '../../components/show-more.tsx'
import { useShop, useUser } from '../../context.tsx'
import { type Entity, entityById } from '../catalog/search-entities.ts'
import { type EntityFilter, entityFilter } from './entity-filter.ts'
import { EntityFilters } from './entity-filters.tsx'
import { EntityRow } from './entity-row.tsx'

const pageSize = 50

/** The list of entities. The server searches them, and the filter is in the query string. */
export const Entities = () => {
  const [search, setSearch] = useSearchParams()
  const change = useCallback(
    (name: string, value: string) =>
      setSearch(
        (current) => {
          const next = new URLSearchParams(current)
          if (value === '') next.delete(name)
          else next.set(name, value)
          return next
        },
        { replace: true },
      ),
    [setSearch],
  )
  const filter = entityFilter(search)
  return (
    <Page title="Catalog">
      <p className="row">
        <Link className="button" href="/new-title">
          New title
        </Link>
        <Link href="/import">Import a file</Link>
      </p>
      <EntityFilters filter={filter} change={change} />
      <FilteredEntities filter={filter} />
    </Page>
  )
}

const FilteredEntities = ({ filter }: { filter: EntityFilter }) => {
  const { client } = useShop()
  const user = useUser()
  const results = useInfiniteQuery({
    queryKey: ['admin', user, 'entities', filter],
    queryFn: ({ pageParam }) => client.admin.entities.list.query({ ...filter, limit: pageSize, cursor: pageParam }),
    ...cursorPages,
  })
  const exact = useQuery({
    queryKey: ['admin', user, 'entity-by-id', filter.query],
    queryFn: () => entityById(client, filter.query ?? ''),
    enabled: filter.query !== undefined,
  })
  const found = results.data?.pages.flatMap(({ items }) => items)
  const byId = exact.data ?? null
  const entities = found && withFirst(byId, found)
  return (
    <>
      {results.isPending && <Loading label="Searching…" />}
      {results.isError && !found && <ErrorNotice error={results.error} retry={() => void results.refetch()} />}
      {entities && (
        <p role="status" className="muted">
          {countText(entities.length, results.hasNextPage)}
        </p>
      )}
      {entities?.length === 0 && (
        <Notice title="No titles">
          <p>Try fewer filters, or create a title.</p>
        </Notice>
      )}
      <ul className="rows" aria-label="Titles">
        {entities?.map((entity) => (
          <EntityRow key={entity.id} entity={entity} />
        ))}
      </ul>
      <ShowMore key={JSON.stringify(filter)} query={results} name="titles" />
    </>
  )
}

const withFirst = (first: Entity | null, entities: Entity[]): Entity[] =>
  first === null ? entities : [first, ...entities.filter(({ id }) => id !== first.id)]

const countText = (count: number, hasMore: boolean): string => {
  const noun = count === 1 ? 'title' : 'titles'
  return hasMore ? `The first ${count} ${noun}` : `${count} ${noun}`
}
