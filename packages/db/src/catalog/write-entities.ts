import type { Prisma } from '../generated/client.ts'
import type { EntityFields } from './entity-fields.ts'

/** Inserts or replaces the rows of entities, without their memberships. Locks them in the order of `lockEntities`. */
export const writeEntityRows = async (tx: Prisma.TransactionClient, items: readonly EntityFields[]): Promise<void> => {
  if (items.length === 0) return
  await tx.$executeRaw`
    INSERT INTO entities (id, type, title, description, image_url, duration_seconds, status, available_from, available_until, playback, metadata)
    SELECT id, type, title, description, "imageUrl", "durationSeconds", status, "availableFrom", "availableUntil",
      nullif(playback, 'null'), metadata
    FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS item (
      id text, type entity_type, title text, description text, "imageUrl" text, "durationSeconds" int, status entity_status,
      "availableFrom" timestamptz, "availableUntil" timestamptz, playback jsonb, metadata jsonb
    )
    ORDER BY id
    ON CONFLICT (id) DO UPDATE SET type = excluded.type, title = excluded.title, description = excluded.description,
      image_url = excluded.image_url, duration_seconds = excluded.duration_seconds, status = excluded.status,
      available_from = excluded.available_from, available_until = excluded.available_until, playback = excluded.playback,
      metadata = excluded.metadata, updated_at = clock_timestamp()`
}

/** Replaces the memberships of entities. The caller updates the containments. */
export const writeMemberships = async (tx: Prisma.TransactionClient, items: readonly EntityFields[]): Promise<void> => {
  if (items.length === 0) return
  const memberships = items.flatMap(({ id: memberId, memberOf }) =>
    memberOf.map(({ id, position }) => ({ memberId, id, position })),
  )
  await tx.$executeRaw`DELETE FROM memberships WHERE member_id = ANY (${items.map(({ id }) => id)})`
  await tx.$executeRaw`
    INSERT INTO memberships (member_id, container_id, position)
    SELECT "memberId", id, position FROM jsonb_to_recordset(${JSON.stringify(memberships)}::jsonb) AS item ("memberId" text, id text, position int)`
}

export const updateContainments = async (tx: Prisma.TransactionClient, ids: readonly string[]): Promise<void> => {
  if (ids.length > 0) await tx.$executeRaw`SELECT update_containments(${[...ids]}::text[])`
}
