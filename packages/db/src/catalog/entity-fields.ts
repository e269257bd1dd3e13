import type { EntityType } from '@pay-to-view/purchase'
import type { EntityStatus, Prisma } from '../generated/client.ts'

/** A container of an entity, and the entity's position among the container's members. */
export interface MemberOf {
  id: string
  position: number | null
}

/**
 * The location of the media: a provider and the provider's ids. For each provider's fields, see
 * packages/api/src/entities/playback-source.ts.
 */
export type PlaybackSource = Readonly<Record<string, string | number>>

/**
 * The input for writing an entity. Omitted fields get their defaults. Times are ISO 8601. The caller has already validated each field
 * individually.
 */
export interface EntityInput {
  /** The site's own id; generated if omitted. */
  id?: string
  type: EntityType
  title: string
  description?: string
  imageUrl?: string | null
  durationSeconds?: number | null
  status?: EntityStatus
  availableFrom?: string | null
  availableUntil?: string | null
  /** The entity's direct containers, as ids or as ids with a position. */
  memberOf?: readonly (string | { id: string; position?: number | null })[]
  playback?: PlaybackSource | null
  metadata?: Readonly<Record<string, string>>
}

/** An entity with all of its fields, as stored, audited and exported. */
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
  /** The containers, ordered by id. */
  memberOf: MemberOf[]
  playback: PlaybackSource | null
  metadata: Record<string, string>
  /** When an operator canceled the entity. Catalog writes do not change this field. */
  canceledAt: string | null
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1)

/** Sorts the keys, because Postgres does not preserve the key order. */
const sortKeys = <T>(value: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(value).sort(byKey))

const toTime = (time: string | null | undefined): string | null => (time == null ? null : new Date(time).toISOString())

const byId = (a: MemberOf, b: MemberOf): number => (a.id < b.id ? -1 : 1)

/** Fills in the defaults of omitted fields. */
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

/** The fields that a catalog write replaces. */
export const writtenFields = ({ canceledAt: _, ...fields }: EntityFields): Omit<EntityFields, 'canceledAt'> => fields

/** Returns an entity as it appears in the audit log. */
export const auditedEntity = (item: EntityFields): Prisma.InputJsonObject => ({
  ...writtenFields(item),
  memberOf: item.memberOf.map((container) => ({ ...container })),
})

export const isSameEntity = (a: EntityFields, b: EntityFields): boolean =>
  JSON.stringify(writtenFields(a)) === JSON.stringify(writtenFields(b))
