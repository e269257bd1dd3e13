import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { ErrorNotice, Loading, Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { useShop, useUser } from '../../context.tsx'
import { entityPath } from '../../paths.ts'
import { ObjectHistory } from '../catalog/object-history.tsx'
import { useRefreshCatalog } from '../catalog/refresh-catalog.ts'
import { saleProblem } from '../catalog/sale-problem.ts'
import type { Entity } from '../catalog/search-entities.ts'
import { SuccessMessage } from '../success-message.tsx'
import { EntityActions } from './entity-actions.tsx'
import { EntityForm } from './entity-form.tsx'
import { EntityOffers } from './entity-offers.tsx'
import { EntityBadges } from './entity-row.tsx'

/** One entity: its fields, its offers, and what was changed. */
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
  const save = useMutation({
    mutationFn: (input: Parameters<typeof client.admin.entities.put.mutate>[0]) =>
      client.admin.entities.put.mutate({ ...input, id: entity.id }),
    onSuccess: async () => {
      await refresh()
      setSaveCount((count) => count + 1)
    },
  })
  const problem = saleProblem({ entity })
  const encodedId = encodeURIComponent(entity.id)
  return (
    <Page title={entity.title}>
      <p className="row">
        <EntityBadges entity={entity} /> <code>{entity.id}</code>
      </p>
      <p className="links">
        <Link href={`~${entityPath(entity.id)}`}>Page in the storefront</Link>
        <Link href={`/?entity=${encodedId}`}>Purchases</Link>
        {entity.type !== 'video' && <Link href={`/entities?memberOf=${encodedId}`}>Members</Link>}
      </p>
      {problem !== null && (
        <Notice title="It can't be bought now">
          <p>{problem}</p>
        </Notice>
      )}
      <EntityOffers entity={entity} />
      <section aria-labelledby="edit">
        <h2 id="edit">Edit</h2>
        {/* A new key shows the fields as they were stored. Another operator's change does not remove what is typed. */}
        <EntityForm
          key={`${saveCount} ${entity.status}`}
          entity={entity}
          isSaving={save.isPending}
          error={save.error}
          onSave={(input) => save.mutate(input)}
        />
        <SuccessMessage>{save.isSuccess ? 'Saved.' : null}</SuccessMessage>
      </section>
      <EntityActions entity={entity} />
      <ObjectHistory id={entity.id} />
    </Page>
  )
}
