import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { cursorPages } from '../../components/cursor-pages.ts'
import { ErrorNotice, Loading } from '../../components/notice.tsx'
import { ShowMore } from '../../components/show-more.tsx'
import { useShop, useUser } from '../../context.tsx'
import { entityById } from '../catalog/search-entities.ts'
import { GrantActions, GrantButtons } from './grant-actions.tsx'
import { type Grant, GrantRow } from './grant-row.tsx'

const pageSize = 20

/** Returns the titles of the grants' entities, by entity id. */
const useTitles = (grants: readonly Grant[]): ReadonlyMap<string, string> => {
  const { client } = useShop()
  const user = useUser()
  const entityIds = [...new Set(grants.map(({ entityId }) => entityId))].sort()
  const titles = useQuery({
    queryKey: ['admin', user, 'titles', entityIds],
    queryFn: () => Promise.all(entityIds.map((id) => entityById(client, id))),
    enabled: entityIds.length > 0,
    placeholderData: (previous) => previous,
  })
  return new Map(titles.data?.flatMap((entity) => (entity ? [[entity.id, entity.title] as const] : [])))
}

/** The user's grants from every source (purchases, complimentary access and imports), newest first. */
export const UserGrants = ({ userId }: { userId: string }) => {
  const { client } = useShop()
  const user = useUser()
  const pages = useInfiniteQuery({
    queryKey: ['admin', user, 'grants', userId],
    queryFn: ({ pageParam }) => client.admin.grants.list.query({ userId, limit: pageSize, cursor: pageParam }),
    ...cursorPages,
    refetchInterval: 10_000,
  })
  const grants = pages.data?.pages.flatMap(({ items }) => items) ?? []
  const titles = useTitles(grants)
  return (
    <section aria-labelledby="grants">
      <h2 id="grants">Access</h2>
      {pages.isPending && <Loading />}
      {pages.isError && !pages.data && <ErrorNotice error={pages.error} retry={() => void pages.refetch()} />}
      {pages.data && grants.length === 0 && <p className="muted">No current or past access.</p>}
      <GrantActions>
        {(start) => (
          <ul className="rows" aria-label="Access">
            {grants.map((grant) => (
              <GrantRow key={grant.grantId} grant={grant} entityTitle={titles.get(grant.entityId) ?? null}>
                <GrantButtons grant={grant} title={titles.get(grant.entityId) ?? grant.entityId} start={start} />
              </GrantRow>
            ))}
          </ul>
        )}
      </GrantActions>
      <ShowMore query={pages} name="grants" />
    </section>
  )
}
