import type { EntityType } from '@pay-to-view/purchase'
import type { EntityFields } from '../catalog/entity-fields.ts'
import { readEntityFields } from '../catalog/read-entity-fields.ts'
import type { Db } from '../client.ts'
import { type EntityStatus, Prisma } from '../generated/client.ts'

export interface EntityFilter {
  /** Words of the title, or their first characters. */
  query?: string | undefined
  type?: EntityType | undefined
  status?: EntityStatus | undefined
  /** The direct members of this container, in their order. Otherwise the order is that of the ids. */
  memberOf?: string | undefined
}

/** The last entity of a page; the next page starts after it. */
export interface EntityPosition {
  id: string
  /** Its position in the container; those without one come last. */
  position: number
}

export type ListedEntity = EntityFields & Pick<EntityPosition, 'position'>

/** What members without a position have in the index memberships_order. */
const lastPosition = 2_147_483_647

/** Words as a query, separated as the SQL function title_words does, that matches the title words that begin with each of them; null without a word. */
export const titleQuery = (text: string): string | null => {
  const words = text.split(/[\s!-/:-@[-`{-~]+/).filter((word) => word !== '')
  return words.length === 0 ? null : words.map((word) => `'${word}':*`).join(' & ')
}

const conditionsOf = ({ query, type, status }: EntityFilter): Prisma.Sql[] => [
  ...(query === undefined ? [] : [Prisma.sql`title_words(title) @@ to_tsquery('simple', ${titleQuery(query) ?? ''})`]),
  ...(type === undefined ? [] : [Prisma.sql`type = ${type}::entity_type`]),
  ...(status === undefined ? [] : [Prisma.sql`status = ${status}::entity_status`]),
]

const where = (conditions: readonly Prisma.Sql[]): Prisma.Sql =>
  conditions.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join([...conditions], ' AND ')}`

/** Each page starts at a position of an index. */
const pageQuery = (filter: EntityFilter, after: EntityPosition | null, limit: number): Prisma.Sql => {
  const conditions = conditionsOf(filter)
  if (filter.memberOf === undefined) {
    const start = after === null ? [] : [Prisma.sql`id > ${after.id}`]
    return Prisma.sql`SELECT id, ${lastPosition}::int AS position FROM entities ${where([...conditions, ...start])} ORDER BY id LIMIT ${limit}`
  }
  const start =
    after === null
      ? []
      : [Prisma.sql`(coalesce(position, ${Prisma.raw(String(lastPosition))}), member_id) > (${after.position}, ${after.id})`]
  const order = Prisma.raw(`coalesce(position, ${lastPosition})`)
  return Prisma.sql`
    SELECT id, ${order} AS position FROM memberships JOIN entities ON entities.id = member_id
    ${where([Prisma.sql`container_id = ${filter.memberOf}`, ...conditions, ...start])}
    ORDER BY ${order}, member_id LIMIT ${limit}`
}

/** At most `limit` entities after a position. */
export const listEntities = async (
  db: Db,
  filter: EntityFilter,
  after: EntityPosition | null,
  limit: number,
): Promise<ListedEntity[]> => {
  // Only punctuation matches nothing.
  if (filter.query !== undefined && titleQuery(filter.query) === null) return []
  const page = await db.$queryRaw<EntityPosition[]>(pageQuery(filter, after, limit))
  const entities = await readEntityFields(
    db,
    page.map(({ id }) => id),
  )
  return page.flatMap(({ id, position }) => {
    const entity = entities.get(id)
    return entity ? [{ ...entity, position }] : []
  })
}
