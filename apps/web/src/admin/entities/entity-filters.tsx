import { useQuery } from '@tanstack/react-query'
import { SearchField } from '../../catalog/search-field.tsx'
import { useShop, useUser } from '../../context.tsx'
import { entityTypeName } from '../../format.ts'
import { Finder } from '../catalog/finder.tsx'
import { entityById, searchEntities, toFound } from '../catalog/search-entities.ts'
import { Field } from '../fields/field.tsx'
import { type EntityFilter, statuses, types } from './entity-filter.ts'

interface EntityFiltersProps {
  filter: EntityFilter
  /** Sets a parameter of the query string. An empty value removes it. */
  change: (name: string, value: string) => void
}

export const EntityFilters = ({ filter, change }: EntityFiltersProps) => (
  <div className="catalog-filters">
    <SearchField label="Search by title or ID" query={filter.query ?? ''} setQuery={(query) => change('q', query)} />
    <Field label="Type">
      {(control) => (
        <select {...control} value={filter.type ?? ''} onChange={(event) => change('type', event.target.value)}>
          <option value="">Any</option>
          {types.map((type) => (
            <option key={type} value={type}>
              {entityTypeName(type)}
            </option>
          ))}
        </select>
      )}
    </Field>
    <Field label="Status">
      {(control) => (
        <select {...control} value={filter.status ?? ''} onChange={(event) => change('status', event.target.value)}>
          <option value="">Any</option>
          {statuses.map((status) => (
            <option key={status}>{status}</option>
          ))}
        </select>
      )}
    </Field>
    <MemberOfFilter memberOf={filter.memberOf} change={change} />
  </div>
)

const MemberOfFilter = ({ memberOf, change }: Pick<EntityFilter, 'memberOf'> & Pick<EntityFiltersProps, 'change'>) => {
  const { client } = useShop()
  const user = useUser()
  const container = useQuery({
    queryKey: ['admin', user, 'entity-by-id', memberOf],
    queryFn: () => entityById(client, memberOf ?? ''),
    enabled: memberOf !== undefined,
  })
  if (memberOf === undefined) {
    return (
      <Finder
        label="Only members of…"
        fieldLabel="Search channels and bundles by title or ID"
        scope="containers"
        search={async (query) => (await searchEntities(client, query, ['channel', 'content'])).map(toFound)}
        excludedIds={[]}
        action="Only members of"
        onSelect={({ id }) => change('memberOf', id)}
      />
    )
  }
  return (
    <p className="row">
      <span>
        Members of <bdi>{container.data?.title ?? memberOf}</bdi>
      </span>
      <button type="button" className="secondary" onClick={() => change('memberOf', '')}>
        Clear<span className="visually-hidden"> the member filter</span>
      </button>
    </p>
  )
}
