import type { EntityType } from '@pay-to-view/purchase'
import type { EntityStatus } from '../generated/client.ts'

/** A container of an entity, and the position of the entity among its members. */
export interface MemberOf {
  id: string
  position: number | null
}

/** Where a player finds the media: a provider and its ids. packages/api, entities/playback-source.ts has the fields of each provider. */
export type PlaybackSource = Readonly<Record<string, string | number>>

/** An entity as it is written: omitted fields take their defaults. Times are ISO 8601. The caller has validated each field by itself. */
export interface EntityInput {
  /** The site's own id; one is generated if it is omitted. */
  id?: string
  type: EntityType
  title: string
  description?: string
  imageUrl?: string | null
  durationSeconds?: number | null
  status?: EntityStatus
  availableFrom?: string | null
  availableUntil?: string | null
  /** The ids of channels and contents that contain it. */
  memberOf?: readonly (string | { id: string; position?: number | null })[]
  playback?: PlaybackSource | null
  metadata?: Readonly<Record<string, string>>
}

/** An entity with all its fields, as it is stored, audited and exported. */
export interface EntityFields {
  id: string
  type: EntityType
  title: string
  description: string
  imageUrl: string | null
  durationSeconds: number | null
  status: EntityStatus
  availableFrom: string | null
  availableUntil: string | null
  /** Ordered by id. */
  memberOf: MemberOf[]
  playback: PlaybackSource | null
  metadata: Record<string, string>
  /** When an operator canceled it. Writes to the catalog do not change it. */
  canceledAt: string | null
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1)

/** Postgres does not keep the order of keys. */
const sortKeys = <T>(value: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(value).sort(byKey))

const toTime = (time: string | null | undefined): string | null => (time == null ? null : new Date(time).toISOString())

const byId = (a: MemberOf, b: MemberOf): number => (a.id < b.id ? -1 : 1)

/** Fills in the defaults. */
export const completeEntity = (id: string, input: EntityInput & { canceledAt?: string | null }): EntityFields => ({
  id,
  type: input.type,
  title: input.title,
  description: input.description ?? '',
  imageUrl: input.imageUrl ?? null,
  durationSeconds: input.durationSeconds ?? null,
  status: input.status ?? 'published',
  availableFrom: toTime(input.availableFrom),
  availableUntil: toTime(input.availableUntil),
  memberOf: (input.memberOf ?? [])
    .map((container) =>
      typeof container === 'string'
        ? { id: container, position: null }
        : { id: container.id, position: container.position ?? null },
    )
    .sort(byId),
  playback: input.playback ? sortKeys(input.playback) : null,
  metadata: sortKeys(input.metadata ?? {}),
  canceledAt: input.canceledAt ?? null,
})

/** The fields that a write to the catalog replaces. */
export const writtenFields = ({ canceledAt: _, ...fields }: EntityFields): Omit<EntityFields, 'canceledAt'> => fields

export const isSameEntity = (a: EntityFields, b: EntityFields): boolean =>
  JSON.stringify(writtenFields(a)) === JSON.stringify(writtenFields(b))
