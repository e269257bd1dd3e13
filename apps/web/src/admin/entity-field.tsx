import { useQuery } from '@tanstack/react-query'
import { useShop, useUser } from '../context.tsx'
import { Finder } from './catalog/finder.tsx'
import { entityById, searchEntities, toFound } from './catalog/search-entities.ts'

interface EntityFieldProps {
  /** Empty for purchases of any entity. */
  entityId: string
  onChange: (entityId: string) => void
}

/** Limits the search of purchases to one entity. */
export const EntityField = ({ entityId, onChange }: EntityFieldProps) => {
  const { client } = useShop()
  const user = useUser()
  const entity = useQuery({
    queryKey: ['admin', user, 'entity-by-id', entityId],
    queryFn: () => entityById(client, entityId),
    enabled: entityId !== '',
  })
  if (entityId === '') {
    return (
      <Finder
        label="Only one title …"
        fieldLabel="Search titles, or enter an ID"
        scope="entities"
        search={async (query) => (await searchEntities(client, query)).map(toFound)}
        excludedIds={[]}
        action="Select"
        onSelect={({ id }) => onChange(id)}
      />
    )
  }
  return (
    <p className="row">
      <span>
        Title: <bdi>{entity.data?.title ?? entityId}</bdi>
      </span>
      <button type="button" className="secondary" onClick={() => onChange('')}>
        Any title
      </button>
    </p>
  )
}
