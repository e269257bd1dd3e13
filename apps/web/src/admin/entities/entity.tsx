import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { ErrorNotice, Loading, Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { useShop, useUser } from '../../context.tsx'
import { formatDateTime } from '../../format.ts'
import { entityPath } from '../../paths.ts'
import { entitySalesPath } from '../admin-paths.ts'
import { ObjectHistory } from '../catalog/object-history.tsx'
import { useRefreshCatalog } from '../catalog/refresh-catalog.ts'
import { saleProblem } from '../catalog/sale-problem.ts'
import type { Entity } from '../catalog/search-entities.ts'
import { SuccessMessage } from '../success-message.tsx'
import { CancelEntity } from './cancel-entity.tsx'
import { Cancellation } from './cancellation.tsx'
import { EntityActions } from './entity-actions.tsx'
import { EntityForm } from './entity-form.tsx'
import { EntityOffers } from './entity-offers.tsx'
import { EntityBadges } from './entity-row.tsx'
import { ExtendAccess } from './extend-access.tsx'
import { type EntityInput, MovedDate, movesDate } from './moved-date.tsx'

/** One entity: its fields, its offers, and its latest changes. */
export const EntityPage = ({ id }: { id: string }) => {
  const { client } = useShop()
  const user = useUser()
  const entity = useQuery({
    queryKey: ['admin', user, 'entity', id],
    queryFn: () => client.admin.entities.get.query({ id }),
  })
  if (entity.data) return <LoadedEntity entity={entity.data} />
  return (
    <Page title="Catalog">
      {entity.isError ? (
        <ErrorNotice
          error={entity.error}
          retry={() => void entity.refetch()}
          fallbackAction={
            <Link className="button" href="/entities">
              All titles
            </Link>
          }
        />
      ) : (
        <Loading />
      )}
    </Page>
  )
}

const LoadedEntity = ({ entity }: { entity: Entity }) => {
  const { client } = useShop()
  const refresh = useRefreshCatalog()
  const [saveCount, setSaveCount] = useState(0)
  const user = useUser()
  const [moving, setMoving] = useState<EntityInput | null>(null)
  const [closedDialogs, setClosedDialogs] = useState(0)
  const holders = useQuery({
    queryKey: ['admin', user, 'holders', entity.id],
    queryFn: () => client.admin.entities.holders.query({ id: entity.id }),
  })
  const save = useMutation({
    mutationFn: (input: EntityInput) => client.admin.entities.put.mutate({ ...input, id: entity.id }),
    onSettled: () => setMoving(null),
    onSuccess: async () => {
      await Promise.all([refresh(), holders.refetch()])
      setSaveCount((count) => count + 1)
    },
  })
  /** Before a date is moved, refetches the number of pre-sold grants, because someone may have bought the entity since the page was opened. */
  const saveOrAsk = async (input: EntityInput): Promise<void> => {
    const preSold = movesDate(entity, input) ? ((await holders.refetch()).data?.preSold ?? 0) : 0
    if (preSold > 0) setMoving(input)
    else save.mutate(input)
  }
  const canceledAt = holders.data?.canceledAt ?? null
  const problem = canceledAt === null ? saleProblem({ entity }) : `It was canceled on ${formatDateTime(canceledAt)}.`
  const encodedId = encodeURIComponent(entity.id)
  return (
    <Page title={entity.title}>
      <p className="row">
        <EntityBadges entity={entity} isCanceled={canceledAt !== null} /> <code>{entity.id}</code>
      </p>
      <p className="links">
        <Link href={`~${entityPath(entity.id)}`}>Storefront page</Link>
        <Link href={`/purchases?entity=${encodedId}`}>Purchases</Link>
        <Link href={entitySalesPath(entity.id)}>Sales</Link>
        {entity.type !== 'video' && <Link href={`/entities?memberOf=${encodedId}`}>Members</Link>}
      </p>
      {problem !== null && (
        <Notice title={canceledAt === null ? 'Not on sale' : 'Sale ended'}>
          <p>{problem}</p>
        </Notice>
      )}
      {canceledAt !== null && <Cancellation entityId={entity.id} />}
      <EntityOffers entity={entity} />
      <section aria-labelledby="edit">
        <h2 id="edit">Edit</h2>
        {/* After a save, the key changes, which resets the fields to the stored values. Another operator's change does not reset them. */}
        <EntityForm
          key={`${saveCount} ${entity.status}`}
          entity={entity}
          isCanceled={canceledAt !== null}
          isSaving={save.isPending}
          error={save.error}
          onSave={(input) => void saveOrAsk(input)}
          attempt={closedDialogs}
        />
        <SuccessMessage>{save.isSuccess ? 'Saved.' : null}</SuccessMessage>
      </section>
      {moving && (
        <MovedDate
          input={moving}
          preSold={holders.data?.preSold ?? 0}
          isPending={save.isPending}
          onConfirm={() => save.mutate(moving)}
          onClose={() => {
            setMoving(null)
            setClosedDialogs((dialogs) => dialogs + 1)
          }}
        />
      )}
      {holders.data && canceledAt === null && (
        <>
          <ExtendAccess entity={entity} holders={holders.data} />
          <CancelEntity entity={entity} holders={holders.data} />
        </>
      )}
      <EntityActions entity={entity} />
      <ObjectHistory id={entity.id} />
    </Page>
  )
}
