import type { Inputs } from '@pay-to-view/client'
import type { EntityType } from '@pay-to-view/purchase'
import type { ReactNode } from 'react'
import { entityTypeName } from '../../format.ts'
import type { Entity } from '../catalog/search-entities.ts'
import { Field } from '../fields/field.tsx'
import type { FieldErrors } from '../fields/field-errors.ts'
import { FormErrors } from '../fields/form-errors.tsx'
import { IdField } from '../fields/id-field.tsx'
import { LocalTimeField } from '../fields/local-time-field.tsx'
import { SaveRow } from '../fields/save-row.tsx'
import { useDraftForm } from '../fields/use-draft-form.ts'
import { ContainersField } from './containers-field.tsx'
import { type EntityDraft, emptyDraft, readDraft, toDraft } from './entity-draft.ts'
import { ImageField } from './image-field.tsx'
import { MetadataField } from './metadata-field.tsx'
import { PlaybackField } from './playback-field.tsx'
import { playbackLabels } from './playback-providers.ts'

const labels = {
  ...{ id: 'ID', type: 'Type', title: 'Title', description: 'Description', imageUrl: 'Image URL', durationSeconds: 'Duration' },
  ...{ status: 'Status', availableFrom: 'Available from', availableUntil: 'On sale until', memberOf: 'Member of' },
  ...{ playback: 'Playback', metadata: 'Metadata' },
  ...playbackLabels,
}

const types = ['video', 'channel', 'content'] as const satisfies EntityType[]

const statusNames = { published: 'Published', draft: 'Draft', archived: 'Archived' } as const

/** The field names in the API's errors, where they differ from the names in the form. */
const errorNames: Partial<Record<string, string>> = { duration: 'durationSeconds', provider: 'playback' }

interface EntityFormProps {
  /** The stored entity; null for a new entity. */
  entity: Entity | null
  /**
   * Whether the entity was canceled. If so, its dates cannot be changed, because its sale has ended and its buyers have been
   * notified.
   */
  isCanceled?: boolean
  isSaving: boolean
  error: unknown
  onSave: (entity: Inputs['admin']['entities']['put']) => void
  /** A change to this number allows the form to be saved again, after a dialog has been closed. */
  attempt?: number
  children?: ReactNode
}

interface FieldsProps {
  draft: EntityDraft
  errors: FieldErrors
  set: (fields: Partial<EntityDraft>) => void
}

/** The form with all fields of an entity. */
export const EntityForm = ({ entity, isCanceled = false, isSaving, error, onSave, attempt = 0, children }: EntityFormProps) => {
  const { draft, errors, currentError, set, submit } = useDraftForm<EntityDraft>({
    initialDraft: () => (entity ? toDraft(entity) : emptyDraft),
    read: (current) => {
      const result = readDraft(current, entity)
      return 'errors' in result ? result : { save: () => onSave(result.entity) }
    },
    errorNames,
    hasField: (path) => Object.hasOwn(playbackLabels, path),
    requestError: error,
    attempt,
  })
  return (
    <form className="form wide" onSubmit={submit} noValidate aria-label={entity ? 'Edit' : 'New title'}>
      {entity === null && (
        <IdField label={labels.id} example="film-42" value={draft.id} error={errors.id} onChange={(id) => set({ id })} />
      )}
      <TextFields draft={draft} errors={errors} set={set} hasArchived={entity?.status === 'archived'} />
      {isCanceled ? (
        <p className="muted">The title was canceled, so its dates can't be changed.</p>
      ) : (
        <SaleWindow draft={draft} errors={errors} set={set} />
      )}
      <ContainersField
        entityId={draft.id}
        containers={draft.memberOf}
        error={errors.memberOf}
        onChange={(memberOf) => set({ memberOf })}
      />
      <PlaybackField provider={draft.provider} playback={draft.playback} errors={errors} onChange={set} />
      <MetadataField metadata={draft.metadata} error={errors.metadata} onChange={(metadata) => set({ metadata })} />
      <FormErrors errors={errors} labels={labels} error={currentError} />
      <SaveRow isSaving={isSaving}>{children}</SaveRow>
    </form>
  )
}

const TextFields = ({ draft, errors, set, hasArchived }: FieldsProps & { hasArchived: boolean }) => (
  <>
    <Field label={labels.title} error={errors.title}>
      {(control) => (
        <input
          {...control}
          dir="auto"
          value={draft.title}
          maxLength={400}
          onChange={(event) => set({ title: event.target.value })}
        />
      )}
    </Field>
    <Field
      label={labels.type}
      hint="Only channels and titles of the type “Reading and music” can contain other titles. Use one of them for a season or a bundle"
      error={errors.type}
    >
      {(control) => (
        <select
          {...control}
          value={draft.type}
          onChange={({ target: { value } }) => set({ type: types.find((type) => type === value) ?? draft.type })}
        >
          {types.map((type) => (
            <option key={type} value={type}>
              {entityTypeName(type)}
            </option>
          ))}
        </select>
      )}
    </Field>
    <Field label={labels.description} error={errors.description}>
      {(control) => (
        <textarea
          {...control}
          dir="auto"
          rows={4}
          value={draft.description}
          maxLength={20_000}
          onChange={(event) => set({ description: event.target.value })}
        />
      )}
    </Field>
    <ImageField url={draft.imageUrl} error={errors.imageUrl} onChange={(imageUrl) => set({ imageUrl })} />
    <Field label={labels.durationSeconds} hint="Hours, minutes and seconds, such as 1:34:00" error={errors.durationSeconds}>
      {(control) => <input {...control} value={draft.duration} onChange={(event) => set({ duration: event.target.value })} />}
    </Field>
    <Field label={labels.status} hint="Only published titles are listed and sold" error={errors.status}>
      {(control) => (
        <select
          {...control}
          value={draft.status}
          onChange={({ target: { value } }) => set({ status: value === 'draft' || value === 'archived' ? value : 'published' })}
        >
          {(['published', 'draft', ...(hasArchived ? (['archived'] as const) : [])] as const).map((status) => (
            <option key={status} value={status}>
              {statusNames[status]}
            </option>
          ))}
        </select>
      )}
    </Field>
  </>
)

const SaleWindow = ({ draft, errors, set }: FieldsProps) => (
  <>
    <LocalTimeField
      label={labels.availableFrom}
      hint="Until then, the title can be bought but not watched. Access that was bought in advance starts at this time. If you change the time, that access starts at the new time"
      value={draft.availableFrom}
      error={errors.availableFrom}
      onChange={(availableFrom) => set({ availableFrom })}
    />
    <LocalTimeField
      label={labels.availableUntil}
      hint="Buyers keep their access"
      value={draft.availableUntil}
      error={errors.availableUntil}
      onChange={(availableUntil) => set({ availableUntil })}
    />
  </>
)
