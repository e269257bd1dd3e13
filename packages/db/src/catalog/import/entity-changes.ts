import type { EntityType } from '@pay-to-view/purchase'
import type { EntityStatus } from '../../generated/client.ts'
import type { EntityFields, EntityInput, PlaybackSource } from '../entity-fields.ts'
import type { WriteFailure } from '../validate-entities.ts'

/** The fields that an import changes. A missing field keeps the current value; null clears it. */
export interface EntityChanges {
  type?: EntityType
  title?: string
  description?: string | null
  imageUrl?: string | null
  durationSeconds?: number | null
  status?: EntityStatus
  availableFrom?: string | null
  availableUntil?: string | null
  /** Without a given position, an entity keeps its current position in the container. */
  memberOf?: readonly { id: string; position?: number | null }[] | null
  playback?: PlaybackSource | null
  metadata?: Readonly<Record<string, string>> | null
}

const choose = <T>(changed: T | undefined, current: T | undefined): T | undefined => (changed === undefined ? current : changed)

const missing = (field: string, expected: string, id: string): WriteFailure => ({
  field,
  message: `Expected ${expected}: ${id} does not exist yet, and a new entity needs a ${field}`,
})

const mergeMemberOf = (current: EntityFields | undefined, memberOf: EntityChanges['memberOf']): EntityInput['memberOf'] => {
  if (memberOf === undefined) return current?.memberOf
  const positions = new Map(current?.memberOf.map(({ id, position }) => [id, position]))
  return (memberOf ?? []).map(({ id, position }) => ({ id, position: position === undefined ? positions.get(id) : position }))
}

/** Returns the complete entity after the changes, or the reason why it cannot be created. */
export const applyChanges = (
  id: string,
  current: EntityFields | undefined,
  changes: EntityChanges,
): { entity: EntityInput } | { failure: WriteFailure } => {
  const type = choose(changes.type, current?.type)
  const title = choose(changes.title, current?.title)
  if (type === undefined) return { failure: missing('type', 'video, channel or content', id) }
  if (title === undefined) return { failure: missing('title', 'a title', id) }
  const entity: EntityInput = {
    ...{ id, type, title },
    description: choose(changes.description, current?.description) ?? undefined,
    imageUrl: choose(changes.imageUrl, current?.imageUrl),
    durationSeconds: choose(changes.durationSeconds, current?.durationSeconds),
    status: choose(changes.status, current?.status),
    availableFrom: choose(changes.availableFrom, current?.availableFrom),
    availableUntil: choose(changes.availableUntil, current?.availableUntil),
    memberOf: mergeMemberOf(current, changes.memberOf),
    playback: choose(changes.playback, current?.playback),
    metadata: choose(changes.metadata, current?.metadata) ?? undefined,
  }
  return { entity }
}
