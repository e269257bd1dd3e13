import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useShop, useUser } from '../context.tsx'
import { kindOf, money } from '../format.ts'
import { Failure, Notice, Waiting } from '../parts/notice.tsx'
import { Page } from '../parts/page.tsx'
import { Poster } from '../parts/poster.tsx'

/** Entities that access is asked for in one call. */
const atOnce = 100

export const Catalogue = () => {
  const { client } = useShop()
  const entities = useQuery({ queryKey: ['entities'], queryFn: () => client.entities.list.query({}) })
  const prices = useQuery({ queryKey: ['prices'], queryFn: () => client.products.list.query({}) })
  const user = useUser()
  const shown = entities.data?.items.map(({ entityId }) => entityId) ?? []
  const access = useQuery({
    queryKey: ['access-to', user, shown],
    queryFn: async () => {
      const pages = Array.from({ length: Math.ceil(shown.length / atOnce) }, (_, n) => shown.slice(n * atOnce, (n + 1) * atOnce))
      return (await Promise.all(pages.map((entityId) => client.access.checkMany.query({ entityId })))).flatMap(
        ({ items }) => items,
      )
    },
    enabled: user !== null && shown.length > 0,
    refetchOnMount: 'always',
    refetchInterval: 15_000,
  })
  const mine = new Set(access.data?.filter(({ hasAccess }) => hasAccess).map(({ entityId }) => entityId))

  /** The lowest price of an entity, in words. Prices in several currencies are not compared: the first counts. */
  const priceOf = (wanted: string): string | null => {
    const of = prices.data?.items.filter(({ entities }) => entities.some(({ entityId }) => entityId === wanted)) ?? []
    const [first] = of
    if (!first) return null
    const lowest = Math.min(...of.filter(({ currency }) => currency === first.currency).map(({ amount }) => amount))
    return of.length > 1 ? `from ${money(lowest, first.currency)}` : money(lowest, first.currency)
  }

  return (
    <Page title="Now showing" lead="Old films, bought one at a time. No subscription.">
      {entities.isPending && <Waiting what="Fetching the programme …" />}
      {entities.isError && <Failure error={entities.error} retry={() => void entities.refetch()} />}
      {entities.data && prices.isError && !prices.data && <Failure error={prices.error} retry={() => void prices.refetch()} />}
      {entities.data?.items.length === 0 && (
        <Notice title="Nothing is showing">
          <p>Look again another day.</p>
        </Notice>
      )}
      {entities.data &&
        ([1, 2, 3] as const).map((type) => {
          const ofType = entities.data.items.filter(({ entityType }) => entityType === type)
          return (
            ofType.length > 0 && (
              <section key={type} aria-labelledby={`kind-${type}`}>
                <h2 id={`kind-${type}`}>{{ 1: 'Films', 2: 'Channels', 3: 'Reading and music' }[type]}</h2>
                <ul className={type === 1 ? 'grid' : 'grid wide'}>
                  {ofType.map(({ entityId, title, description, entityType }) => (
                    <li key={entityId}>
                      <Link className="card" href={`/e/${entityId}`}>
                        <Poster id={entityId} title={title} kind={kindOf(entityType)} />
                        <span className="card-text">
                          <strong dir="auto">{title}</strong>
                          <span className="card-about" dir="auto">
                            {description}
                          </span>
                          {mine.has(entityId) ? (
                            <span className="card-price mine">Yours</span>
                          ) : (
                            <span className="card-price">{priceOf(entityId)}</span>
                          )}
                        </span>
                      </Link>
                    </li>
                  ))}
                </ul>
              </section>
            )
          )
        })}
    </Page>
  )
}
