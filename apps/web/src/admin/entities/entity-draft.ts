import type { Inputs } from '@pay-to-view/client'
import type { EntityType } from '@pay-to-view/purchase'
import type { Entity } from '../catalog/search-entities.ts'
import { durationFieldValue, parseDuration } from '../fields/duration.ts'
import { type FieldErrors, InvalidFieldsError } from '../fields/field-errors.ts'
import { fromLocalTime, toLocalTime } from '../fields/local-time.ts'
import { nameError } from '../fields/name-error.ts'
import { fieldsOf, isPlaybackProvider, type PlaybackProvider } from './playback-providers.ts'

type EntityInput = Inputs['admin']['entities']['put']
type Playback = EntityInput['playback']

/** A container that includes the entity, as shown in the form. */
export interface DraftContainer {
  id: string
  /** Null until the title is loaded. */
  title: string | null
  position: string
}

/** The values of the entity form. Text fields contain the text as typed. */
export interface EntityDraft {
  id: string
  type: EntityType
  title: string
  description: string
  imageUrl: string
  duration: string
  status: Entity['status']
  availableFrom: string
  availableUntil: string
  memberOf: DraftContainer[]
  provider: PlaybackProvider | null
  playback: Readonly<Record<string, string>>
  metadata: { key: string; value: string }[]
}

export const emptyDraft: EntityDraft = {
  ...{ id: '', type: 'video', title: '', description: '', imageUrl: '', duration: '', status: 'published' },
  ...{ availableFrom: '', availableUntil: '', memberOf: [], provider: null, playback: {}, metadata: [] },
}

export const toDraft = (entity: Entity): EntityDraft => {
  const { provider, ...playback } = entity.playback ?? {}
  return {
    ...entity,
    imageUrl: entity.imageUrl ?? '',
    duration: durationFieldValue(entity.durationSeconds),
    availableFrom: toLocalTime(entity.availableFrom),
    availableUntil: toLocalTime(entity.availableUntil),
    memberOf: entity.memberOf.map((container) =>
      typeof container === 'string'
        ? { id: container, title: null, position: '' }
        : { id: container.id, title: null, position: String(container.position ?? '') },
    ),
    provider: isPlaybackProvider(provider) ? provider : null,
    playback: Object.fromEntries(Object.entries(playback).map(([name, value]) => [name, String(value)])),
    metadata: Object.entries(entity.metadata).map(([key, value]) => ({ key, value })),
  }
}

const readPlayback = ({ provider, playback }: EntityDraft): Playback => {
  if (provider === null) return null
  const field = (name: string): string => playback[name]?.trim() ?? ''
  switch (provider) {
    case 'mux':
      return { provider, playbackId: field('playbackId') }
    case 'cloudflare':
      return { provider, uid: field('uid') }
    case 'bunny': {
      const filled = fieldsOf(provider).flatMap(([name]) => (field(name) === '' ? [] : [[name, field(name)] as const]))
      return { provider, ...Object.fromEntries(filled) }
    }
    case 'cloudfront':
      return { provider, path: field('path') }
    case 'jw':
      return { provider, mediaId: field('mediaId') }
    case 'own':
      return { provider, url: field('url') }
    default:
      return provider satisfies never
  }
}

/** Returns errors for the provider's required fields that are empty. Bunny's fields depend on each other, so the API checks them. */
const playbackErrors = ({ provider, playback }: EntityDraft): FieldErrors => {
  if (provider === null || provider === 'bunny') return {}
  const missing = fieldsOf(provider).filter(([name]) => !playback[name]?.trim())
  return Object.fromEntries(missing.map(([name]) => [`playback.${name}`, 'Enter a value']))
}

const isWholeNumber = (text: string): boolean => /^\d{0,7}$/.test(text.trim())

/** Converts the form's values to the API's input, or returns the errors to correct. `before` is the stored entity. */
export const readDraft = (draft: EntityDraft, before: Entity | null): { entity: EntityInput } | { errors: FieldErrors } => {
  const durationSeconds = parseDuration(draft.duration)
  const metadata = draft.metadata.filter(({ key, value }) => key.trim() !== '' || value !== '')
  const titleError = nameError(draft.title, 'Enter a title')
  const errors: FieldErrors = {
    ...(titleError !== undefined && { title: titleError }),
    ...(durationSeconds === undefined && { durationSeconds: 'Enter hours, minutes and seconds, such as 1:34:00' }),
    ...(!draft.memberOf.every(({ position }) => isWholeNumber(position)) && { memberOf: 'Enter positions as whole numbers' }),
    ...playbackErrors(draft),
    ...(metadata.some(({ key }) => key.trim() === '') && { metadata: 'Enter a key for each value' }),
    ...(new Set(metadata.map(({ key }) => key.trim())).size < metadata.length && { metadata: 'Enter each key only once' }),
  }
  if (Object.keys(errors).length > 0) return { errors }
  const entity: EntityInput = {
    ...(draft.id.trim() !== '' && { id: draft.id.trim() }),
    ...{ type: draft.type, title: draft.title.trim(), description: draft.description, status: draft.status },
    imageUrl: draft.imageUrl.trim() || null,
    durationSeconds: durationSeconds ?? null,
    availableFrom: fromLocalTime(draft.availableFrom, before?.availableFrom ?? null),
    availableUntil: fromLocalTime(draft.availableUntil, before?.availableUntil ?? null),
    memberOf: draft.memberOf.map(({ id, position }) => ({ id, position: position.trim() === '' ? null : Number(position) })),
    playback: readPlayback(draft),
    metadata: Object.fromEntries(metadata.map(({ key, value }) => [key.trim(), value])),
  }
  return { entity }
}

/** Returns the API input that changes only the entity's status. */
export const withStatus = (entity: Entity, status: Entity['status']): EntityInput => {
  const read = readDraft({ ...toDraft(entity), status }, entity)
  if ('errors' in read) throw new InvalidFieldsError(read.errors)
  return read.entity
}
