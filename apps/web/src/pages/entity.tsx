import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { ErrorNotice, Loading } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { Poster } from '../components/poster.tsx'
import { useShop } from '../context.tsx'
import { entityTypeName } from '../format.ts'
import { PurchasePanel } from '../purchase/purchase-panel.tsx'

export const Entity = ({ entityId }: { entityId: string }) => {
  const { client } = useShop()
  const entity = useQuery({ queryKey: ['entity', entityId], queryFn: () => client.entities.get.query({ entityId }) })
  if (!entity.data) {
    return entity.isError ? (
      <Page title="This film isn't available">
        <ErrorNotice error={entity.error} retry={() => void entity.refetch()} />
      </Page>
    ) : (
      <Page title="One moment">
        <Loading />
      </Page>
    )
  }
  const { title, description, entityType, channel, videos, products } = entity.data
  return (
    <Page title={title} lead={description}>
      <div className="entity">
        <Poster id={entityId} title={title} typeName={entityTypeName(entityType)} />
        <div>
          {channel && (
            <p>
              Included with the{' '}
              <Link href={`/e/${channel.entityId}`}>
                <bdi>{channel.title}</bdi>
              </Link>{' '}
              channel
            </p>
          )}
          <PurchasePanel key={entityId} entityId={entityId} title={title} products={products} />
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
