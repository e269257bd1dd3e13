import { useQueries } from '@tanstack/react-query'
import { useShop, useUser } from '../../context.tsx'
import { Finder } from '../catalog/finder.tsx'
import { entityById, searchEntities, toFound } from '../catalog/search-entities.ts'
import type { DraftContainer } from './entity-draft.ts'

interface ContainersFieldProps {
  /** The entity's own id, excluded because an entity cannot contain itself. Empty for a new entity. */
  entityId: string
  containers: DraftContainer[]
  error: string | undefined
  onChange: (containers: DraftContainer[]) => void
}

/** The channels, seasons and bundles that include the entity, each with the entity's position among the container's members. */
export const ContainersField = ({ entityId, containers, error, onChange }: ContainersFieldProps) => {
  const { client } = useShop()
  const user = useUser()
  const titles = useQueries({
    queries: containers.map(({ id }) => ({ queryKey: ['admin', user, 'entity', id], queryFn: () => entityById(client, id) })),
  }).map(({ data }) => data?.title)
  const change = (id: string, position: string): void =>
    onChange(containers.map((container) => (container.id === id ? { ...container, position } : container)))
  return (
    <fieldset>
      <legend>Member of</legend>
      <p className="muted">Access to a channel or a bundle includes its members.</p>
      <ul className="rows">
        {containers.map(({ id, title, position }, index) => {
          const name = title ?? titles[index] ?? id
          return (
            <li key={id}>
              <span>
                <bdi>{name}</bdi>
                <small className="muted">
                  <code>{id}</code>
                </small>
              </span>
              <label className="position">
                Position<span className="visually-hidden"> in {name}</span>
                <input inputMode="numeric" value={position} maxLength={7} onChange={(event) => change(id, event.target.value)} />
              </label>
              <button
                type="button"
                className="secondary"
                onClick={() => onChange(containers.filter((container) => container.id !== id))}
              >
                Remove<span className="visually-hidden"> from {name}</span>
              </button>
            </li>
          )
        })}
      </ul>
      {error !== undefined && <p className="error-text">{error}</p>}
      <Finder
        label="Add to a channel or bundle"
        fieldLabel="Search channels and bundles by title or ID"
        scope="containers"
        search={async (query) => (await searchEntities(client, query, ['channel', 'content'])).map(toFound)}
        excludedIds={[entityId, ...containers.map(({ id }) => id)]}
        action="Add to"
        onSelect={({ id, title }) => onChange([...containers, { id, title, position: '' }])}
      />
    </fieldset>
  )
}
