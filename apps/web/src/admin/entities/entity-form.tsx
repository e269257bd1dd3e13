import type { Inputs } from '@pay-to-view/client'
import type { EntityType } from '@pay-to-view/purchase'
import { type FormEvent, type ReactNode, useState } from 'react'
import { entityTypeName } from '../../format.ts'
import type { Entity } from '../catalog/search-entities.ts'
import { Field } from '../fields/field.tsx'
import { type FieldErrors, fieldErrorsOf, withoutFields } from '../fields/field-errors.ts'
import { FormErrors } from '../fields/form-errors.tsx'
import { timeZoneHint } from '../fields/local-time.ts'
import { useSubmitOnce } from '../fields/use-submit-once.ts'
import { ContainersField } from './containers-field.tsx'
import { type EntityDraft, emptyDraft, readDraft, toDraft } from './entity-draft.ts'
import { ImageField } from './image-field.tsx'
import { MetadataField } from './metadata-field.tsx'
import { PlaybackField } from './playback-field.tsx'

const labels = {
  ...{ id: 'ID', type: 'Type', title: 'Title', description: 'Description', imageUrl: 'Image URL', durationSeconds: 'Duration' },
  ...{ status: 'Status', availableFrom: 'Available from', availableUntil: 'On sale until', memberOf: 'Member of' },
  ...{ playback: 'Playback', metadata: 'Metadata' },
}

const types = ['video', 'channel', 'content'] as const satisfies EntityType[]

const statusNames = { published: 'Published', draft: 'Draft', archived: 'Archived' } as const

/** The fields of the form whose errors have another name. */
const errorNames: Partial<Record<string, string>> = { duration: 'durationSeconds', provider: 'playback' }

interface EntityFormProps {
  /** The stored entity; null for a new one. */
  entity: Entity | null
  isSaving: boolean
  error: unknown
  onSave: (entity: Inputs['admin']['entities']['put']) => void
  children?: ReactNode
}

interface FieldsProps {
  draft: EntityDraft
  errors: FieldErrors
  set: (fields: Partial<EntityDraft>) => void
}

/** All fields of an entity. */
export const EntityForm = ({ entity, isSaving, error, onSave, children }: EntityFormProps) => {
  const [draft, setDraft] = useState(() => (entity ? toDraft(entity) : emptyDraft))
  const [invalid, setInvalid] = useState<FieldErrors | null>(null)
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set())
  const errors = withoutFields(invalid ?? fieldErrorsOf(error), changed)
  const submitOnce = useSubmitOnce(error)
  const set = (fields: Partial<EntityDraft>): void => {
    setDraft({ ...draft, ...fields })
    setChanged(new Set([...changed, ...Object.keys(fields).map((name) => errorNames[name] ?? name)]))
  }
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    setChanged(new Set())
    const read = readDraft(draft, entity)
    if ('errors' in read) {
      setInvalid(read.errors)
      return
    }
    setInvalid(null)
    submitOnce(() => onSave(read.entity))
  }
  return (
    <form className="form wide" onSubmit={submit} noValidate aria-label={entity ? 'Edit' : 'New title'}>
      {entity === null && (
        <Field
          label={labels.id}
          hint="Your own ID, such as film-42. Blank = we create one. It cannot change later"
          error={errors.id}
        >
          {(control) => (
            <input
              {...control}
              value={draft.id}
              maxLength={128}
              spellCheck={false}
              onChange={(event) => set({ id: event.target.value })}
            />
          )}
        </Field>
      )}
      <TextFields draft={draft} errors={errors} set={set} hasArchived={entity?.status === 'archived'} />
      <SaleWindow draft={draft} errors={errors} set={set} />
      <ContainersField
        entityId={draft.id}
        containers={draft.memberOf}
        error={errors.memberOf}
        onChange={(memberOf) => set({ memberOf })}
      />
      <PlaybackField provider={draft.provider} playback={draft.playback} error={errors.playback} onChange={set} />
      <MetadataField metadata={draft.metadata} error={errors.metadata} onChange={(metadata) => set({ metadata })} />
      <FormErrors errors={errors} labels={labels} error={invalid || changed.size > 0 ? null : error} />
      <div className="row">
        <button type="submit" aria-disabled={isSaving}>
          {isSaving ? 'Saving …' : 'Save'}
        </button>
        {children}
      </div>
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
      hint="Channels, and titles of the type “Reading and music”, can contain other titles, like a season or a bundle"
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
    <Field
      label={labels.availableFrom}
      hint={`${timeZoneHint}. A title cannot be bought in advance yet`}
      error={errors.availableFrom}
    >
      {(control) => (
        <input
          {...control}
          type="datetime-local"
          max="9998-12-31T23:59"
          value={draft.availableFrom}
          onChange={(event) => set({ availableFrom: event.target.value })}
        />
      )}
    </Field>
    <Field label={labels.availableUntil} hint={`${timeZoneHint}. Buyers keep their access`} error={errors.availableUntil}>
      {(control) => (
        <input
          {...control}
          type="datetime-local"
          max="9998-12-31T23:59"
          value={draft.availableUntil}
          onChange={(event) => set({ availableUntil: event.target.value })}
        />
      )}
    </Field>
  </>
)
