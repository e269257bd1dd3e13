import type { EntityType } from '@pay-to-view/purchase'
import type { EntityFields } from '../catalog/entity-fields.ts'
import { type EntityRow, entityColumns, toEntityFields } from '../catalog/read-entity-fields.ts'
import { type Db, plannedQuery } from '../client.ts'
import { type EntityStatus, Prisma } from '../generated/client.ts'

export interface EntityFilter {
  /** Words of the title, or prefixes of words. An empty query matches all entities. */
  query?: string | undefined
  type?: EntityType | undefined
  status?: EntityStatus | undefined
  /** Restricts the list to the direct members of this container, ordered by position. Without a container, entities are ordered by id. */
  memberOf?: string | undefined
}

/** The last entity of a page; the next page starts after it. */
export interface EntityPosition {
  id: string
  /** The entity's position in the container, or `lastPosition` if it has none. */
  position: number
}

export type ListedEntity = EntityFields & Pick<EntityPosition, 'position'>

/** The position that the memberships_order index uses for members without a position. */
const lastPosition = 2_147_483_647

/** Converts text to lowercase and removes accents, like the SQL function title_words. */
const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[\u0300-\u036f]/g, '')

/**
 * Splits a string into words, like the SQL function title_words, and converts each word to a query that matches title words that begin with
 * it.
 */
const wordQueries = (text: string): string[] =>
  fold(text)
    .split(/[\s!-/:-@[-`{-~]+/)
    .filter((word) => word !== '')
    .map((word) => `'${word}':*`)

const toQuery = (words: readonly string[]): Prisma.Sql => Prisma.sql`to_tsquery('simple', ${words.join(' & ')})`

/** Returns the conditions of a filter, except for the title words. */
const conditionsOf = ({ type, status }: EntityFilter): Prisma.Sql[] => [
  ...(type === undefined ? [] : [Prisma.sql`type = ${type}::entity_type`]),
  ...(status === undefined ? [] : [Prisma.sql`status = ${status}::entity_status`]),
]

const where = (conditions: readonly Prisma.Sql[]): Prisma.Sql =>
  conditions.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join([...conditions], ' AND ')}`

/** Builds the query for a page. Each page starts at a position in an index. `source` is the table or function that returns the entities. */
const pageQuery = (
  source: Prisma.Sql,
  filter: EntityFilter,
  after: EntityPosition | null,
  limit: number,
  { columns = Prisma.empty, words }: { columns?: Prisma.Sql; words?: readonly string[] } = {},
): Prisma.Sql => {
  const conditions = [...conditionsOf(filter), ...(words ? [Prisma.sql`title_words @@ ${toQuery(words)}`] : [])]
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
 * Frequent words are likely to occur in the titles of the next entities of the list. Therefore the next 200 entities are searched first,
 * and the next 1,000 if enough of the 200 match. For rarer words, the index returns all matching entities, which are then sorted.
 */
const [firstScanSize, secondScanSize] = [200, 1_000]

type PageRow = EntityRow & Pick<EntityPosition, 'position'>

/** Adds the entity columns to a page in the same statement that finds the page. */
const withFields = (page: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`SELECT page.position, ${entityColumns} FROM (${page}) AS page JOIN entities ON entities.id = page.id`

const ordered = (page: Prisma.Sql): Prisma.Sql => Prisma.sql`SELECT * FROM (${withFields(page)}) AS found ORDER BY position, id`

interface Scan {
  /** The number of searched entities, which is smaller than `firstScanSize` at the end of the list. */
  scanned: number
  found: PageRow[]
  /** The words that occur in none of the searched titles. */
  missing: string[]
}

/** Searches for words among the next `firstScanSize` entities of a list. */
const scan = async (
  db: Db,
  words: readonly string[],
  limit: number,
  ...list: [filter: EntityFilter, after: EntityPosition | null]
): Promise<Scan> => {
  const matches = Prisma.sql`SELECT id, position FROM next WHERE title_words @@ ${toQuery(words)} ORDER BY position, id LIMIT ${limit}`
  const rows = await plannedQuery<PageRow & Pick<Scan, 'scanned' | 'missing'>>(
    db,
    Prisma.sql`
      WITH next AS MATERIALIZED (${pageQuery(allEntities, ...list, firstScanSize, { columns: Prisma.sql`, title_words` })})
      SELECT (SELECT count(*)::int FROM next) AS scanned, found.*, ARRAY(
          SELECT word FROM unnest(${words}::text[]) AS word
          WHERE NOT EXISTS (SELECT FROM next WHERE title_words @@ to_tsquery('simple', word))
        ) AS missing
      FROM (SELECT) AS one
        LEFT JOIN (${withFields(matches)}) AS found ON true
      ORDER BY position, id`,
  )
  const [first] = rows
  return { scanned: first?.scanned ?? 0, missing: first?.missing ?? [], found: rows.filter(({ id }) => id !== null) }
}

/** Returns a page of matches among the next `secondScanSize` entities of a list. Postgres stops when the page is full. */
const longScan = (db: Db, words: readonly string[], limit: number, filter: EntityFilter, after: EntityPosition | null) => {
  const next = pageQuery(allEntities, filter, after, secondScanSize, { columns: Prisma.sql`, title_words` })
  const page = Prisma.sql`SELECT id, position FROM (${next}) AS next WHERE title_words @@ ${toQuery(words)} ORDER BY position, id LIMIT ${limit}`
  return plannedQuery<PageRow>(db, ordered(page))
}

const search = async (
  db: Db,
  words: readonly string[],
  filter: EntityFilter,
  after: EntityPosition | null,
  limit: number,
): Promise<PageRow[]> => {
  const { found, scanned, missing } = await scan(db, words, limit, filter, after)
  if (found.length === limit || scanned < firstScanSize) return found
  // The second scan runs only if it is likely to find at least half a page.
  if ((found.length * secondScanSize) / firstScanSize >= limit / 2) {
    const page = await longScan(db, words, limit, filter, after)
    if (page.length === limit) return page
  }
  // A search in the index reads every entity that contains one of the words, so the index is not used for frequent words.
  const source = Prisma.sql`search_titles(${toQuery(missing.length > 0 ? missing : words)}) AS entities`
  return plannedQuery<PageRow>(db, ordered(pageQuery(source, filter, after, limit, { words })))
}

const readPage = async (db: Db, filter: EntityFilter, after: EntityPosition | null, limit: number): Promise<PageRow[]> => {
  if (!filter.query) return plannedQuery<PageRow>(db, ordered(pageQuery(allEntities, filter, after, limit)))
  const words = wordQueries(filter.query)
  // A query that consists only of punctuation has no words and finds no entities.
  return words.length === 0 ? [] : search(db, words, filter, after, limit)
}

/** Returns at most `limit` entities after a position. */
export const listEntities = async (
  db: Db,
  filter: EntityFilter,
  after: EntityPosition | null,
  limit: number,
): Promise<ListedEntity[]> => {
  const page = await readPage(db, filter, after, limit)
  return page.map(({ position, ...row }) => ({ ...toEntityFields(row), position }))
}
