import { type Db, plannedQuery } from '../client.ts'
import { type EntityType, Prisma, type SalesDimension } from '../generated/client.ts'

export const salesGroups = ['day', 'hour', 'entity', 'product', 'currency', 'promotionCode', 'country'] as const
export type SalesGroup = (typeof salesGroups)[number]

/** Sales figures in one currency. Amounts are in minor units. */
export interface SalesFigures {
  currency: string
  gross: number
  discount: number
  tax: number
  paid: number
  refunded: number
  disputed: number
  fees: number
  net: number
  /** Completed purchases, counted at the time of the payment. */
  purchases: number
  refunds: number
  disputes: number
  /** Purchases that were created in this period, including those never paid. */
  checkouts: number
  /** How many of `checkouts` have been completed since. */
  paidCheckouts: number
}

/** The position of the last group on a page. */
export interface SalesPosition {
  gross: number
  key: string
  currency: string
}

export interface SalesQuery {
  groupBy: SalesGroup
  from: Date
  to: Date
  /** The start times of the days or hours, beginning at `from`. Only for groups by day or hour. */
  starts?: readonly Date[]
  currency?: string | undefined
  entityId?: string | undefined
  /** Restricts the report to entities of this type. Only for groups by entity. */
  entityType?: EntityType | undefined
  after?: SalesPosition | null
  limit: number
}

interface Row extends SalesFigures {
  /** The key of the group. The key of a day or an hour is its position in `starts`, counted from 1. */
  key: string
  isTotal: boolean
}

const moneyNames = ['gross', 'discount', 'tax', 'paid', 'refunded', 'disputed', 'fees', 'net', 'purchases', 'refunds', 'disputes']
const names = [...moneyNames, 'checkouts', 'paid_checkouts']
const columns = Prisma.raw(names.join(', '))
const negated = Prisma.raw(names.map((name) => `-${name}`).join(', '))
/**
 * The values are cast to float8, because sums of bigint have the type numeric, which is several times slower. A float8 is exact up to 2^53.
 */
const sums = Prisma.raw(names.map((name) => `sum(${name}::float8) as ${name}`).join(', '))
const anyOf = (columns: readonly string[]): Prisma.Sql => Prisma.raw(`(${columns.map((name) => `${name} <> 0`).join(' or ')})`)

const dimensions = {
  entity: { dimension: 'entity', key: Prisma.sql`entity_id` },
  product: { dimension: 'product', key: Prisma.sql`product_id` },
  promotionCode: { dimension: 'promotion_code', key: Prisma.sql`coalesce(promotion_code, '')` },
  country: { dimension: 'country', key: Prisma.sql`coalesce(country, '')` },
  /** Uses the rollups by country, which have the fewest rows. The key is empty, because the currency alone identifies a group. */
  currency: { dimension: 'country', key: Prisma.sql`''` },
} as const satisfies Record<string, { dimension: SalesDimension; key: Prisma.Sql }>

const dayMs = 86_400_000

/** These functions round a time up or down to the start of a day or month in UTC. */
const ceilDay = (time: Date): Date => new Date(Math.ceil(time.getTime() / dayMs) * dayMs)
const floorDay = (time: Date): Date => new Date(Math.floor(time.getTime() / dayMs) * dayMs)
const floorMonth = (time: Date): Date => new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), 1))
const ceilMonth = (time: Date): Date => {
  const floor = floorMonth(time)
  return floor.getTime() === time.getTime() ? floor : new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + 1, 1))
}

const earlier = (a: Date, b: Date): Date => (a < b ? a : b)
const later = (a: Date, b: Date): Date => (a > b ? a : b)

type Span = readonly [from: Date, to: Date]

interface DividedSpan {
  /** Calendar months in UTC of which more than half is within the span. */
  months: Span[]
  days: Span[]
  /** Days that are in `months` but outside the span. They are subtracted. */
  excess: Span[]
  /** All whole UTC days in the span. */
  interior: Span[]
  /** The remainders at both ends of the span, each shorter than a day. */
  edges: Span[]
}

const isFull = ([start, end]: Span): boolean => start < end
const lengthOf = ([start, end]: Span): number => end.getTime() - start.getTime()

/**
 * Divides a time span into months and days in UTC. If more than half of a month is within the span, the whole month is used, and the days
 * outside the span are subtracted.
 */
export const divideSpan = (from: Date, to: Date): DividedSpan => {
  const [firstDay, lastDay] = [earlier(ceilDay(from), to), later(floorDay(to), from)]
  if (firstDay >= lastDay) return { months: [], days: [], excess: [], interior: [], edges: [[from, to]] }
  const ends: Span[] = [
    [from, firstDay],
    [lastDay, to],
  ]
  const common = { interior: [[firstDay, lastDay]] satisfies Span[], edges: ends.filter(isFull) }
  let [firstMonth, lastMonth] = [ceilMonth(firstDay), floorMonth(lastDay)]
  if (firstMonth > lastMonth) return { months: [], days: [[firstDay, lastDay]], excess: [], ...common }
  const [days, excess]: [Span[], Span[]] = [[], []]
  const divide = (inside: Span, outside: Span): boolean => {
    const isMostlyInside = lengthOf(inside) > lengthOf(outside)
    if (isMostlyInside) excess.push(outside)
    else days.push(inside)
    return isMostlyInside
  }
  if (divide([firstDay, firstMonth], [floorMonth(firstDay), firstDay])) firstMonth = floorMonth(firstDay)
  if (divide([lastMonth, lastDay], [lastDay, ceilMonth(lastDay)])) lastMonth = ceilMonth(lastDay)
  const months: Span[] = [[firstMonth, lastMonth]]
  return { months: months.filter(isFull), days: days.filter(isFull), excess: excess.filter(isFull), ...common }
}

const within = (column: 'at' | 'bucket', spans: readonly Span[]): Prisma.Sql =>
  spans.length === 0
    ? Prisma.sql`false`
    : Prisma.sql`(${Prisma.join(
        spans.map(([from, to]) => Prisma.sql`(${Prisma.raw(column)} >= ${from} and ${Prisma.raw(column)} < ${to})`),
        ' or ',
      )})`

const hourMs = 3_600_000

const isByTime = (groupBy: SalesGroup): groupBy is 'day' | 'hour' => groupBy === 'day' || groupBy === 'hour'

/** Selects the position in `starts` of the day or hour that contains a time. */
const partOf = (column: 'at' | 'bucket', { starts = [] }: SalesQuery): Prisma.Sql =>
  Prisma.sql`width_bucket(${Prisma.raw(column)}, ${[...starts]}::timestamptz[])::text`

/** Selects the figures of a span by day or hour. Entries that are not rolled up yet are added, so the figures are always complete. */
const byTime = (query: SalesQuery): Prisma.Sql => {
  const { from, to, starts = [] } = query
  // In some time zones, days start 15, 30 or 45 minutes after a full UTC hour.
  const grain = [...starts, from, to].every((time) => time.getTime() % hourMs === 0) ? 'hour' : 'quarter_hour'
  return Prisma.sql`
    select ${partOf('bucket', query)} as key, currency, ${columns} from sales_rollups
    where dimension = 'total' and grain = ${grain}::sales_grain and bucket >= ${from} and bucket < ${to}
    union all
    select ${partOf('at', query)}, currency, ${columns} from sales_figures where not rolled_up and at >= ${from} and at < ${to}
    union all
    select ${partOf('at', query)}, currency, ${columns} from checkout_change_figures where at >= ${from} and at < ${to}`
}

/** Selects the sales figures of a period, grouped by the keys of one dimension. */
const byDimension = (
  { from, to, groupBy }: SalesQuery,
  { dimension, key }: (typeof dimensions)[keyof typeof dimensions],
): Prisma.Sql => {
  const { months, days, excess, interior, edges } = divideSpan(from, to)
  const rollups = Prisma.sql`from sales_rollups where dimension = ${dimension}::sales_dimension`
  const rollupKey = groupBy === 'currency' ? key : Prisma.sql`key`
  return Prisma.sql`
    select ${rollupKey} as key, currency, ${columns} ${rollups} and grain = 'month' and ${within('bucket', months)}
    union all
    select ${rollupKey}, currency, ${columns} ${rollups} and grain = 'day' and ${within('bucket', days)}
    union all
    select ${rollupKey}, currency, ${negated} ${rollups} and grain = 'day' and ${within('bucket', excess)}
    union all
    select ${key}, currency, ${columns} from sales_figures where ${within('at', edges)}
    union all
    select ${key}, currency, ${columns} from checkout_figures where ${within('at', edges)}
    union all
    select ${key}, currency, ${columns} from sales_figures where not rolled_up and ${within('at', interior)}
    union all
    select ${key}, currency, ${columns} from checkout_change_figures where ${within('at', interior)}`
}

/** Selects the figures of one entity. A single entity has few enough entries to add up without rollups. */
const ofEntity = (query: SalesQuery, entityId: string): Prisma.Sql => {
  const { from, to, groupBy } = query
  const key = isByTime(groupBy) ? partOf('at', query) : dimensions[groupBy].key
  return Prisma.sql`
    select ${key} as key, currency, ${columns} from sales_figures where entity_id = ${entityId} and at >= ${from} and at < ${to}
    union all
    select ${key}, currency, ${columns} from checkout_figures where entity_id = ${entityId} and at >= ${from} and at < ${to}`
}

const figuresOf = (query: SalesQuery): Prisma.Sql => {
  if (query.entityId !== undefined) return ofEntity(query, query.entityId)
  return isByTime(query.groupBy) ? byTime(query) : byDimension(query, dimensions[query.groupBy])
}

/** Builds a condition that restricts the figures to a currency and an entity type. */
const restrictionOf = ({ currency, entityType }: SalesQuery): Prisma.Sql => Prisma.sql`
  ${currency === undefined ? Prisma.sql`true` : Prisma.sql`currency = ${currency}`}
  and ${entityType === undefined ? Prisma.sql`true` : Prisma.sql`key in (select id from entities where type = ${entityType}::entity_type)`}`

/**
 * Returns the sales figures of a time span by group, and the totals. Both are read from one database snapshot, so the totals are the sums
 * of all groups. Days and hours are complete and in chronological order; of all other groups, at most `limit + 1` are returned, highest
 * gross first. Checkouts have neither a promotion code nor a country, so reports by code or country count them in the group without a key,
 * which is omitted if it has no sales.
 */
export const readSales = async (db: Db, query: SalesQuery): Promise<{ groups: Row[]; totals: SalesFigures[] }> => {
  const { groupBy, after, limit } = query
  const page = isByTime(groupBy)
    ? Prisma.sql`order by key::integer, currency`
    : Prisma.sql`order by gross desc, key, currency limit ${limit + 1}`
  const start = after
    ? Prisma.sql`and (gross < ${after.gross} or (gross = ${after.gross} and (key, currency) > (${after.key}, ${after.currency})))`
    : Prisma.empty
  const shown = groupBy === 'promotionCode' || groupBy === 'country' ? anyOf(moneyNames) : anyOf(names)
  const rows = await plannedQuery<Omit<Row, 'paidCheckouts'> & { paid_checkouts: number }>(
    db,
    Prisma.sql`
      with figures as (${figuresOf(query)}), grouped as materialized (
        select key, currency, ${sums} from figures where ${restrictionOf(query)} group by key, currency
      ), totals as (
        select currency, ${sums} from grouped group by currency
      )
      (select '' as key, currency, true as "isTotal", ${columns} from totals where ${anyOf(names)} order by currency)
      union all
      (select key, currency, false, ${columns} from grouped where ${shown} ${start} ${page})`,
  )
  const found = rows.map(({ paid_checkouts: paidCheckouts, ...row }) => ({ ...row, paidCheckouts }))
  return { groups: found.filter(({ isTotal }) => !isTotal), totals: found.filter(({ isTotal }) => isTotal) }
}
