import { z } from 'zod'
import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'
import { completeEntity, type EntityFields } from './entity-fields.ts'

const columns = {
  ...{ id: true, type: true, title: true, description: true, imageUrl: true, durationSeconds: true, status: true },
  ...{ availableFrom: true, availableUntil: true, playback: true, metadata: true },
  containers: { select: { containerId: true, position: true } },
} satisfies Prisma.EntitySelect

const storedPlayback = z.record(z.string(), z.union([z.string(), z.number()])).nullable()
const storedMetadata = z.record(z.string(), z.string())

const toFields = ({ containers, ...row }: Prisma.EntityGetPayload<{ select: typeof columns }>): EntityFields =>
  completeEntity(row.id, {
    ...row,
    availableFrom: row.availableFrom?.toISOString() ?? null,
    availableUntil: row.availableUntil?.toISOString() ?? null,
    memberOf: containers.map(({ containerId: id, position }) => ({ id, position })),
    playback: storedPlayback.parse(row.playback),
    metadata: storedMetadata.parse(row.metadata),
  })

/** The stored entities by id, with their direct containers. */
export const readEntityFields = async (
  db: Db | Prisma.TransactionClient,
  ids: readonly string[],
): Promise<Map<string, EntityFields>> => {
  const rows = await db.entity.findMany({ where: { id: { in: [...ids] } }, select: columns })
  return new Map(rows.map((row) => [row.id, toFields(row)]))
}

/** All entities after an id, ordered by id: for the export. */
export const readEntityPage = async (db: Db, after: string | null, limit: number): Promise<EntityFields[]> => {
  const rows = await db.entity.findMany({
    where: after === null ? {} : { id: { gt: after } },
    orderBy: { id: 'asc' },
    take: limit,
    select: columns,
  })
  return rows.map(toFields)
}
