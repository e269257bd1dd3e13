import { z } from 'zod'
import type { Db } from '../client.ts'
import { Prisma } from '../generated/client.ts'
import { completeEntity, type EntityFields } from './entity-fields.ts'

/** An entity's row as Postgres returns it. */
export interface EntityRow
  extends Omit<EntityFields, 'availableFrom' | 'availableUntil' | 'canceledAt' | 'playback' | 'metadata'> {
  availableFrom: Date | null
  availableUntil: Date | null
  canceledAt: Date | null
  playback: unknown
  metadata: unknown
}

/**
 * The columns that make up an `EntityRow`, selected from `entities`. The containers are read in the same statement, because a second
 * statement could see a concurrent change.
 */
export const entityColumns = Prisma.sql`
  entities.id, entities.type::text, entities.title, entities.description, entities.image_url AS "imageUrl",
  entities.duration_seconds AS "durationSeconds", entities.status::text, entities.available_from AS "availableFrom",
  entities.available_until AS "availableUntil", entities.canceled_at AS "canceledAt", entities.playback, entities.metadata,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', container_id, 'position', memberships.position)), '[]')
    FROM memberships WHERE member_id = entities.id) AS "memberOf"`

const storedPlayback = z.record(z.string(), z.union([z.string(), z.number()])).nullable()
const storedMetadata = z.record(z.string(), z.string())

export const toEntityFields = (row: EntityRow): EntityFields =>
  completeEntity(row.id, {
    ...row,
    availableFrom: row.availableFrom?.toISOString() ?? null,
    availableUntil: row.availableUntil?.toISOString() ?? null,
    canceledAt: row.canceledAt?.toISOString() ?? null,
    playback: storedPlayback.parse(row.playback),
    metadata: storedMetadata.parse(row.metadata),
  })

/** Reads the stored entities with the given ids and their direct containers, keyed by id. */
export const readEntityFields = async (
  db: Db | Prisma.TransactionClient,
  ids: readonly string[],
): Promise<Map<string, EntityFields>> => {
  const rows = await db.$queryRaw<EntityRow[]>`SELECT ${entityColumns} FROM entities WHERE id = ANY (${[...ids]})`
  return new Map(rows.map((row) => [row.id, toEntityFields(row)]))
}

/** Returns a page of the export: entities after the given id, ordered by id. */
export const readEntityPage = async (db: Db, after: string | null, limit: number): Promise<EntityFields[]> => {
  const rows = await db.$queryRaw<EntityRow[]>`
    SELECT ${entityColumns} FROM entities WHERE id > ${after ?? ''} ORDER BY id LIMIT ${limit}`
  return rows.map(toEntityFields)
}
