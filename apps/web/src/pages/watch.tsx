import { useAccess } from '@pay-to-view/react'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useShop, useUser } from '../context.tsx'
import { moment } from '../format.ts'
import { Failure, SignedOut, Waiting } from '../parts/notice.tsx'
import { Page } from '../parts/page.tsx'
import { Player } from '../parts/player.tsx'
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
        <SignedOut />
      </Page>
    )
  }
  if (entity.isError && !entity.data) {
    return (
      <Page title="This cannot be shown">
        <Failure error={entity.error} retry={() => void entity.refetch()} />
      </Page>
    )
  }
  const { data } = access
  return (
    <Page title={title}>
      {access.isError && !data && <Failure error={access.error} retry={() => void access.refetch()} />}
      {access.isPending && <Waiting what="Looking for your ticket …" />}
      {data?.hasAccess && (
        <>
          <p className="lead" role="status">
            {data.expiresAt === null ? 'Yours to keep.' : `Yours until ${moment(data.expiresAt)}.`}
          </p>
          {entity.data?.entityType === 2 ? <Videos videos={entity.data.videos} /> : <Player entityId={entityId} title={title} />}
          <p className="under">
            <bdi>{entity.data?.description}</bdi> <Link href={`/e/${entityId}`}>About this</Link>
          </p>
        </>
      )}
      {data && !data.hasAccess && <NoAccess entityId={entityId} channelId={entity.data?.channelId ?? null} />}
    </Page>
  )
}

const Videos = ({ videos }: { videos: { entityId: string; title: string; description: string }[] }) => (
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
