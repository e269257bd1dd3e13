import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useShop, useUser } from '../context.tsx'
import { Finder } from './catalog/finder.tsx'
import { entityById, searchEntities, toFound } from './catalog/search-entities.ts'

interface EntityFieldProps {
  /** Empty to find purchases of all entities. */
  entityId: string
  onChange: (entityId: string) => void
}

interface EntityChoiceProps {
  /** Empty until an entity is selected. */
  entityId: string
  error: string | undefined
  onChange: (entityId: string, title: string) => void
}

/** A form field for selecting an entity. */
export const EntityChoice = ({ entityId, error, onChange }: EntityChoiceProps) => {
  const { client } = useShop()
  const [title, setTitle] = useState('')
  return (
    <fieldset aria-invalid={error !== undefined}>
      <legend>Title</legend>
      {entityId !== '' && (
        <p role="status">
          Selected: <bdi>{title}</bdi>
        </p>
      )}
      <Finder
        label={entityId === '' ? 'Select a title…' : 'Select another title…'}
        fieldLabel="Search titles, or enter an ID"
        scope="entities"
        search={async (query) => (await searchEntities(client, query)).map(toFound)}
        excludedIds={[entityId]}
        action="Select"
        closesOnSelect
        onSelect={(found) => {
          setTitle(found.title)
          onChange(found.id, found.title)
        }}
      />
      {error !== undefined && <small className="error-text">{error}</small>}
    </fieldset>
  )
}

/** Limits the purchase search to one entity. */
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
        label="Filter by title…"
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
