import { useAccess } from '@pay-to-view/react'
import { Link } from 'wouter'
import { containerIdsOf } from '../catalog/containers.tsx'
import { MemberSection } from '../catalog/member-section.tsx'
import { useEntity } from '../catalog/use-entity.ts'
import { ErrorNotice, Loading, SignedOutNotice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { Player } from '../components/player.tsx'
import { useUser } from '../context.tsx'
import { formatDateTime } from '../format.ts'
import { entityPath, watchPath } from '../paths.ts'
import { NoAccess } from '../purchase/no-access.tsx'

export const Watch = ({ entityId }: { entityId: string }) => {
  const user = useUser()
  const access = useAccess(entityId)
  const entity = useEntity(entityId)
  const title = entity.data?.title ?? 'Watch'
  const containerIds = containerIdsOf(entity.data?.memberOf ?? [])
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
          {entity.data?.type !== 'channel' && <Player entityId={entityId} title={title} />}
          <p className="description">
            <bdi>{entity.data?.description}</bdi> <Link href={entityPath(entityId)}>Details</Link>
          </p>
          {entity.data && entity.data.type !== 'video' && (
            <MemberSection containerId={entityId} heading="Watch" pathOf={watchPath} />
          )}
        </>
      )}
      {data && !data.hasAccess && <NoAccess entityId={entityId} containerIds={containerIds} />}
    </Page>
  )
}
