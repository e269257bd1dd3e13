import { type Db, plannedQuery } from '../client.ts'
import { Prisma, type SalesDimension } from '../generated/client.ts'

export const salesGroups = ['day', 'entity', 'product', 'currency', 'promotionCode', 'country'] as const
export type SalesGroup = (typeof salesGroups)[number]

/** Sums in minor units of `currency`. */
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
  purchases: number
  refunds: number
  disputes: number
}

/** The position of the last group of a page. */
export interface SalesPosition {
  gross: number
  key: string
  currency: string
}

export interface SalesQuery {
  groupBy: SalesGroup
  from: Date
  to: Date
  /** The starts of the days from `from`; only for groups by day. */
  days?: readonly Date[]
  currency?: string | undefined
  entityId?: string | undefined
  after?: SalesPosition | null
  limit: number
}

interface Row extends SalesFigures {
  /** Of a day: its index in `days`. */
  key: string
  isTotal: boolean
}

const names = ['gross', 'discount', 'tax', 'paid', 'refunded', 'disputed', 'fees', 'net', 'purchases', 'refunds', 'disputes']
const columns = Prisma.raw(names.join(', '))
/** Sums of bigint are numeric, which takes several times longer; float8 is exact up to 2^53. */
const sums = Prisma.raw(names.map((name) => `sum(${name}::float8) as ${name}`).join(', '))
/** Entries that correct each other leave groups without any figure. */
const hasFigures = Prisma.raw(`(${names.map((name) => `${name} <> 0`).join(' or ')})`)

const dimensions = {
  entity: { dimension: 'entity', key: Prisma.sql`entity_id` },
  product: { dimension: 'product', key: Prisma.sql`product_id` },
  promotionCode: { dimension: 'promotion_code', key: Prisma.sql`coalesce(promotion_code, '')` },
  country: { dimension: 'country', key: Prisma.sql`coalesce(country, '')` },
  /** Read from the rollups of countries, which are the fewest; its key is the currency alone. */
  currency: { dimension: 'country', key: Prisma.sql`''` },
} as const satisfies Record<string, { dimension: SalesDimension; key: Prisma.Sql }>

const dayMs = 86_400_000

/** The first of these times at which a day or a month in UTC begins, at or after a time. */
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

/** Divides a time span into months and days in UTC, and what is left at its edges: at most a day each. */
export const divideSpan = (from: Date, to: Date): { months: Span[]; days: Span[]; edges: Span[] } => {
  const [firstDay, lastDay] = [earlier(ceilDay(from), to), later(floorDay(to), from)]
  const isFull = ([start, end]: Span): boolean => start < end
  if (firstDay >= lastDay) return { months: [], days: [], edges: [[from, to]] }
  const edges: Span[] = [
    [from, firstDay],
    [lastDay, to],
  ]
  const [firstMonth, lastMonth] = [ceilMonth(firstDay), floorMonth(lastDay)]
  if (firstMonth >= lastMonth) return { months: [], days: [[firstDay, lastDay]], edges: edges.filter(isFull) }
  const days: Span[] = [
    [firstDay, firstMonth],
    [lastMonth, lastDay],
  ]
  return { months: [[firstMonth, lastMonth]], days: days.filter(isFull), edges: edges.filter(isFull) }
}

const within = (column: 'at' | 'bucket', spans: readonly Span[]): Prisma.Sql =>
  spans.length === 0
    ? Prisma.sql`false`
    : Prisma.sql`(${Prisma.join(
        spans.map(([from, to]) => Prisma.sql`(${Prisma.raw(column)} >= ${from} and ${Prisma.raw(column)} < ${to})`),
        ' or ',
      )})`

const hourMs = 3_600_000

/** The figures of a span by days. Entries that are not rolled up yet are added, so that the figures are always complete. */
const byDay = ({ from, to, days = [] }: SalesQuery): Prisma.Sql => {
  const dayOf = (column: Prisma.Sql) => Prisma.sql`width_bucket(${column}, ${[...days]}::timestamptz[])::text`
  // The days of some time zones begin at a quarter or a half of an hour of UTC.
  const grain = [...days, from, to].every((time) => time.getTime() % hourMs === 0) ? 'hour' : 'quarter_hour'
  return Prisma.sql`
    select ${dayOf(Prisma.sql`bucket`)} as key, currency, ${columns} from sales_rollups
    where dimension = 'total' and grain = ${grain}::sales_grain and bucket >= ${from} and bucket < ${to}
    union all
    select ${dayOf(Prisma.sql`at`)}, currency, ${columns} from sales_figures where not rolled_up and at >= ${from} and at < ${to}`
}

/** The figures of a span by the keys of a dimension. */
const byDimension = (
  { from, to, groupBy }: SalesQuery,
  { dimension, key }: (typeof dimensions)[keyof typeof dimensions],
): Prisma.Sql => {
  const { months, days, edges } = divideSpan(from, to)
  const interior: Span[] = [...months, ...days]
  return Prisma.sql`
    select ${groupBy === 'currency' ? key : Prisma.sql`key`} as key, currency, ${columns} from sales_rollups
    where dimension = ${dimension}::sales_dimension and ((grain = 'month' and ${within('bucket', months)}) or (grain = 'day' and ${within('bucket', days)}))
    union all
    select ${key}, currency, ${columns} from sales_figures where ${within('at', edges)}
    union all
    select ${key}, currency, ${columns} from sales_figures where not rolled_up and ${within('at', interior)}`
}

/** The figures of one entity, which has few enough entries to add them up. */
const ofEntity = ({ from, to, days = [], groupBy }: SalesQuery, entityId: string): Prisma.Sql => {
  const key = groupBy === 'day' ? Prisma.sql`width_bucket(at, ${[...days]}::timestamptz[])::text` : dimensions[groupBy].key
  return Prisma.sql`
    select ${key} as key, currency, ${columns} from sales_figures where entity_id = ${entityId} and at >= ${from} and at < ${to}`
}

const figuresOf = (query: SalesQuery): Prisma.Sql => {
  if (query.entityId !== undefined) return ofEntity(query, query.entityId)
  return query.groupBy === 'day' ? byDay(query) : byDimension(query, dimensions[query.groupBy])
}

/**
 * The sales figures of a time span by groups, from one snapshot of the database, so that the totals are the sums of all groups. Days are in
 * their order; other groups begin with the highest gross. Returns up to `limit + 1` groups, but all days.
 */
export const readSales = async (db: Db, query: SalesQuery): Promise<{ groups: Row[]; totals: SalesFigures[] }> => {
  const { groupBy, currency, after, limit } = query
  const page =
    groupBy === 'day'
      ? Prisma.sql`order by key::integer, currency`
      : Prisma.sql`order by gross desc, key, currency limit ${limit + 1}`
  const start = after
    ? Prisma.sql`and (gross < ${after.gross} or (gross = ${after.gross} and (key, currency) > (${after.key}, ${after.currency})))`
    : Prisma.empty
  const rows = await plannedQuery<Row>(
    db,
    Prisma.sql`
      with figures as (${figuresOf(query)}), grouped as (
        select key, currency, grouping(key) = 1 as "isTotal", ${sums} from figures
        where ${currency === undefined ? Prisma.sql`true` : Prisma.sql`currency = ${currency}`}
        group by grouping sets ((key, currency), (currency))
      )
      (select * from grouped where "isTotal" and ${hasFigures} order by currency)
      union all
      (select * from grouped where not "isTotal" and ${hasFigures} ${start} ${page})`,
  )
  return { groups: rows.filter(({ isTotal }) => !isTotal), totals: rows.filter(({ isTotal }) => isTotal) }
}
