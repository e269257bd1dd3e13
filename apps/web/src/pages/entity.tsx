import { availabilityOf } from '../catalog/availability.ts'
import { Containers } from '../catalog/containers.tsx'
import { EntityImage } from '../catalog/entity-image.tsx'
import { MemberSection } from '../catalog/member-section.tsx'
import { useEntity } from '../catalog/use-entity.ts'
import { ErrorNotice, Loading } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { formatDuration } from '../format.ts'
import { PurchasePanel } from '../purchase/purchase-panel.tsx'

export const Entity = ({ entityId }: { entityId: string }) => {
  const entity = useEntity(entityId)
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
  const { title, description, type, durationSeconds, memberOf, products, consent, canceledAt } = entity.data
  const { notOnSale, saleEnds, opensAt } = availabilityOf(entity.data, new Date())
  const onlyIncluded = products.length === 0 && memberOf.length > 0 ? "It isn't sold on its own." : null
  const facts = [durationSeconds !== null && formatDuration(durationSeconds), saleEnds].filter(Boolean)
  return (
    <Page title={title} lead={description}>
      <div className="entity">
        <EntityImage entity={entity.data} />
        <div>
          {facts.length > 0 && (
            <p className="muted">
              <bdi>{facts.join(' · ')}</bdi>
            </p>
          )}
          <Containers memberOf={memberOf} />
          <PurchasePanel
            key={entityId}
            entityId={entityId}
            title={title}
            products={products}
            notOnSale={notOnSale ?? onlyIncluded}
            canceledAt={canceledAt}
            opensAt={opensAt}
            consentTerms={consent}
          />
        </div>
      </div>
      {type !== 'video' && <MemberSection containerId={entityId} heading={type === 'channel' ? 'In this channel' : 'Included'} />}
    </Page>
  )
}
