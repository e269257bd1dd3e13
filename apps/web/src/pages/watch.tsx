import { useAccess } from '@pay-to-view/react'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { ErrorNotice, Loading, SignedOutNotice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { Player } from '../components/player.tsx'
import { useShop, useUser } from '../context.tsx'
import { formatDateTime } from '../format.ts'
import { NoAccess } from '../purchase/no-access.tsx'

export const Watch = ({ entityId }: { entityId: string }) => {
  const { client } = useShop()
  const user = useUser()
  const access = useAccess(entityId)
  const entity = useQuery({ queryKey: ['entity', entityId], queryFn: () => client.entities.get.query({ entityId }) })
  const title = entity.data?.title ?? 'Watch'
  if (user === null) {
    return (
      <Page title={title}>
        <SignedOutNotice />
      </Page>
    )
  }
  if (entity.isError && !entity.data) {
    return (
      <Page title="This film isn't available">
        <ErrorNotice error={entity.error} retry={() => void entity.refetch()} />
      </Page>
    )
  }
  const { data } = access
  return (
    <Page title={title}>
      {access.isError && !data && <ErrorNotice error={access.error} retry={() => void access.refetch()} />}
      {access.isPending && <Loading label="Checking your access …" />}
      {data?.hasAccess && (
        <>
          <p className="lead" role="status">
            {data.expiresAt === null ? 'You own this' : `Rented until ${formatDateTime(data.expiresAt)}`}
          </p>
          {entity.data?.entityType === 2 ? (
            <VideoList videos={entity.data.videos} />
          ) : (
            <Player entityId={entityId} title={title} />
          )}
          <p className="description">
            <bdi>{entity.data?.description}</bdi> <Link href={`/e/${entityId}`}>Details</Link>
          </p>
        </>
      )}
      {data && !data.hasAccess && <NoAccess entityId={entityId} channelId={entity.data?.channelId ?? null} />}
    </Page>
  )
}

const VideoList = ({ videos }: { videos: { entityId: string; title: string; description: string }[] }) => (
  <ul className="list">
    {videos.map((video) => (
      <li key={video.entityId}>
        <Link href={`/watch/${video.entityId}`} dir="auto">
          {video.title}
        </Link>
        <span dir="auto">{video.description}</span>
      </li>
    ))}
  </ul>
)
