import type { Outputs } from '@pay-to-view/client'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { ErrorNotice, Loading, Notice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { Poster } from '../components/poster.tsx'
import { useShop, useUser } from '../context.tsx'
import { entityTypeName, formatMoney } from '../format.ts'

type Product = Outputs['products']['list']['items'][number]

/** The API's limit of entities per access check. */
const accessBatchSize = 100

export const Catalog = () => {
  const { client } = useShop()
  const entities = useQuery({ queryKey: ['entities'], queryFn: () => client.entities.list.query({}) })
  const prices = useQuery({ queryKey: ['prices'], queryFn: () => client.products.list.query({}) })
  const accessibleIds = useAccessibleIds(entities.data?.items.map(({ entityId }) => entityId) ?? [])
  return (
    <Page title="Now showing" lead="Classic films to rent or own. No subscription.">
      {entities.isPending && <Loading />}
      {entities.isError && <ErrorNotice error={entities.error} retry={() => void entities.refetch()} />}
      {entities.data && prices.isError && !prices.data && (
        <ErrorNotice error={prices.error} retry={() => void prices.refetch()} />
      )}
      {entities.data?.items.length === 0 && (
        <Notice title="No films yet">
          <p>Check back soon.</p>
        </Notice>
      )}
      {entities.data &&
        ([1, 2, 3] as const).map((type) => {
          const ofType = entities.data.items.filter(({ entityType }) => entityType === type)
          return (
            ofType.length > 0 && (
              <section key={type} aria-labelledby={`type-${type}`}>
                <h2 id={`type-${type}`}>{{ 1: 'Films', 2: 'Channels', 3: 'Reading and music' }[type]}</h2>
                <ul className={type === 1 ? 'grid' : 'grid wide'}>
                  {ofType.map(({ entityId, title, description, entityType }) => (
                    <li key={entityId}>
                      <Link className="card" href={`/e/${entityId}`}>
                        <Poster id={entityId} title={title} typeName={entityTypeName(entityType)} />
                        <span className="card-text">
                          <strong dir="auto">{title}</strong>
                          <span className="card-description" dir="auto">
                            {description}
                          </span>
                          {accessibleIds.has(entityId) ? (
                            <span className="card-price owned">In your library</span>
                          ) : (
                            <span className="card-price">{priceText(entityId, prices.data?.items ?? [])}</span>
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

/** Returns which of the entities the signed-in user has access to. */
const useAccessibleIds = (entityIds: string[]): Set<string> => {
  const { client } = useShop()
  const user = useUser()
  const access = useQuery({
    queryKey: ['access-to', user, entityIds],
    queryFn: async () => {
      const batches = Array.from({ length: Math.ceil(entityIds.length / accessBatchSize) }, (_, n) =>
        entityIds.slice(n * accessBatchSize, (n + 1) * accessBatchSize),
      )
      const results = await Promise.all(batches.map((entityId) => client.access.checkMany.query({ entityId })))
      return results.flatMap(({ items }) => items)
    },
    enabled: user !== null && entityIds.length > 0,
    refetchOnMount: 'always',
    refetchInterval: 15_000,
  })
  return new Set(access.data?.filter(({ hasAccess }) => hasAccess).map(({ entityId }) => entityId))
}

/** The lowest price of an entity. Prices in different currencies cannot be compared, so only those in the first currency count. */
const priceText = (id: string, products: Product[]): string | null => {
  const offers = products.filter(({ entities }) => entities.some(({ entityId }) => entityId === id))
  const [first] = offers
  if (!first) return null
  const lowest = Math.min(...offers.filter(({ currency }) => currency === first.currency).map(({ amount }) => amount))
  return offers.length > 1 ? `from ${formatMoney(lowest, first.currency)}` : formatMoney(lowest, first.currency)
}
