import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useShop } from '../context.tsx'
import { kindOf } from '../format.ts'
import { Failure, Waiting } from '../parts/notice.tsx'
import { Page } from '../parts/page.tsx'
import { Poster } from '../parts/poster.tsx'

export const Catalogue = () => {
  const { client } = useShop()
  const entities = useQuery({ queryKey: ['entities'], queryFn: () => client.entities.list.query({}) })
  return (
    <Page title="Now showing" lead="Old films, bought one at a time. No subscription.">
      {entities.isPending && <Waiting what="Fetching the programme …" />}
      {entities.isError && <Failure error={entities.error} retry={() => void entities.refetch()} />}
      {entities.data &&
        ([1, 2, 3] as const).map((type) => (
          <section key={type} aria-labelledby={`kind-${type}`}>
            <h2 id={`kind-${type}`}>{{ 1: 'Films', 2: 'Channels', 3: 'Reading and music' }[type]}</h2>
            <ul className="grid">
              {entities.data.items
                .filter(({ entityType }) => entityType === type)
                .map(({ entityId, title, description, entityType }) => (
                  <li key={entityId}>
                    <Link className="card" href={`/e/${entityId}`}>
                      <Poster id={entityId} title={title} kind={kindOf(entityType)} />
                      <span className="card-text">
                        <strong>{title}</strong>
                        <span>{description}</span>
                      </span>
                    </Link>
                  </li>
                ))}
            </ul>
          </section>
        ))}
    </Page>
  )
}
