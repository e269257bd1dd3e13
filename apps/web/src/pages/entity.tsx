import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useShop } from '../context.tsx'
import { kindOf } from '../format.ts'
import { Failure, Waiting } from '../parts/notice.tsx'
import { Page } from '../parts/page.tsx'
import { Poster } from '../parts/poster.tsx'
import { Buy } from '../purchase/buy.tsx'

export const Entity = ({ entityId }: { entityId: string }) => {
  const { client } = useShop()
  const entity = useQuery({ queryKey: ['entity', entityId], queryFn: () => client.entities.get.query({ entityId }) })
  if (!entity.data) {
    return entity.isError ? (
      <Page title="This cannot be shown">
        <Failure error={entity.error} retry={() => void entity.refetch()} />
      </Page>
    ) : (
      <Page title="One moment">
        <Waiting what="Fetching it …" />
      </Page>
    )
  }
  const { title, description, entityType, channel, videos, products } = entity.data
  return (
    <Page title={title} lead={description}>
      <div className="entity">
        <Poster id={entityId} title={title} kind={kindOf(entityType)} />
        <div>
          {channel && (
            <p>
              Also in the channel{' '}
              <Link href={`/e/${channel.entityId}`}>
                <bdi>{channel.title}</bdi>
              </Link>
              , whose ticket opens all of its films.
            </p>
          )}
          <Buy key={entityId} entityId={entityId} title={title} products={products} />
          {videos.length > 0 && (
            <section aria-labelledby="videos">
              <h2 id="videos">In this channel</h2>
              <ul className="list">
                {videos.map((video) => (
                  <li key={video.entityId}>
                    <Link href={`/e/${video.entityId}`} dir="auto">
                      {video.title}
                    </Link>
                    <span dir="auto">{video.description}</span>
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
      </div>
    </Page>
  )
}
