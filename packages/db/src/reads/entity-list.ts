import type { EntityType } from '@pay-to-view/purchase'
import type { EntityFields } from '../catalog/entity-fields.ts'
import { readEntityFields } from '../catalog/read-entity-fields.ts'
import { type Db, plannedQuery } from '../client.ts'
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

/** Without the words. */
const conditionsOf = ({ type, status }: EntityFilter): Prisma.Sql[] => [
  ...(type === undefined ? [] : [Prisma.sql`type = ${type}::entity_type`]),
  ...(status === undefined ? [] : [Prisma.sql`status = ${status}::entity_status`]),
]

const where = (conditions: readonly Prisma.Sql[]): Prisma.Sql =>
  conditions.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join([...conditions], ' AND ')}`

/** Each page starts at a position of an index. `source` has the rows of entities that match the words. */
const pageQuery = (
  source: Prisma.Sql,
  filter: EntityFilter,
  after: EntityPosition | null,
  limit: number,
  columns: Prisma.Sql = Prisma.empty,
): Prisma.Sql => {
  const conditions = conditionsOf(filter)
  if (filter.memberOf === undefined) {
    const start = after === null ? [] : [Prisma.sql`id > ${after.id}`]
    return Prisma.sql`
      SELECT id, ${lastPosition}::int AS position ${columns} FROM ${source} ${where([...conditions, ...start])} ORDER BY id LIMIT ${limit}`
  }
  const order = Prisma.raw(`coalesce(position, ${lastPosition})`)
  const start = after === null ? [] : [Prisma.sql`(${order}, member_id) > (${after.position}, ${after.id})`]
  return Prisma.sql`
    SELECT id, ${order} AS position ${columns} FROM memberships JOIN ${source} ON entities.id = member_id
    ${where([Prisma.sql`container_id = ${filter.memberOf}`, ...conditions, ...start])}
    ORDER BY ${order}, member_id LIMIT ${limit}`
}

const allEntities = Prisma.sql`entities`

/**
 * Frequent words are found among the next entities of the list, so they are looked at first: 100, then 1,000. The index returns all entities
 * with less frequent words, which are then sorted.
 */
const scanSizes = [100, 1_000]

/** The matches among the next entities of the list, and how many entities were looked at: fewer than `size` at the end of the list. */
const scan = async (
  db: Db,
  words: Prisma.Sql,
  { size, limit }: { size: number; limit: number },
  ...list: [filter: EntityFilter, after: EntityPosition | null]
): Promise<{ scanned: number; found: EntityPosition[] }> => {
  const rows = await plannedQuery<EntityPosition & { scanned: number }>(
    db,
    Prisma.sql`
      WITH next AS MATERIALIZED (${pageQuery(allEntities, ...list, size, Prisma.sql`, title_words`)})
      SELECT (SELECT count(*)::int FROM next) AS scanned, id, position
      FROM (SELECT) AS one LEFT JOIN (SELECT id, position FROM next WHERE title_words @@ ${words} ORDER BY position, id LIMIT ${limit}) AS found ON true
      ORDER BY position, id`,
  )
  return { scanned: rows[0]?.scanned ?? 0, found: rows.filter(({ id }) => id !== null) }
}

const search = async (
  db: Db,
  text: string,
  filter: EntityFilter,
  after: EntityPosition | null,
  limit: number,
): Promise<EntityPosition[]> => {
  const words = Prisma.sql`to_tsquery('simple', ${text})`
  for (const size of scanSizes) {
    const { scanned, found } = await scan(db, words, { size, limit }, filter, after)
    if (found.length === limit || scanned < size) return found
  }
  return plannedQuery<EntityPosition>(db, pageQuery(Prisma.sql`search_titles(${words}) AS entities`, filter, after, limit))
}

const readPage = async (db: Db, filter: EntityFilter, after: EntityPosition | null, limit: number): Promise<EntityPosition[]> => {
  if (filter.query === undefined) return plannedQuery<EntityPosition>(db, pageQuery(allEntities, filter, after, limit))
  const text = titleQuery(filter.query)
  // Only punctuation matches nothing.
  return text === null ? [] : search(db, text, filter, after, limit)
}

/** At most `limit` entities after a position. */
export const listEntities = async (
  db: Db,
  filter: EntityFilter,
  after: EntityPosition | null,
  limit: number,
): Promise<ListedEntity[]> => {
  const page = await readPage(db, filter, after, limit)
  const entities = await readEntityFields(
    db,
    page.map(({ id }) => id),
  )
  return page.flatMap(({ id, position }) => {
    const entity = entities.get(id)
    return entity ? [{ ...entity, position }] : []
  })
}
