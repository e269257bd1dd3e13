import { isActiveGrant } from '../access.ts'
import { type Db, preparedQuery } from '../client.ts'
import { batchLoader } from '../batch-loader.ts'
import type { Prisma, Purchase } from '../generated/client.ts'

type Columns = keyof typeof columns

/** A purchase as its buyer may see it. Money in minor units. */
export type PurchaseRow = Pick<Purchase, Exclude<Columns, 'grant'>> & {
  /** Whether the access that this very purchase gave is live. */
  hasAccess: boolean
}

export interface HistoryPage {
  items: PurchaseRow[]
  totalCount: number
}

export const columns = {
  id: true,
  userId: true,
  entityId: true,
  productId: true,
  status: true,
  processing: true,
  amount: true,
  currency: true,
  amountPaid: true,
  currencyPaid: true,
  amountRefunded: true,
  externalTransactionId: true,
  createdAt: true,
  completedAt: true,
  expiresAt: true,
  refundedAt: true,
  grant: { select: { endedAt: true, expiresAt: true } },
} satisfies Prisma.PurchaseSelect

type Selected = Prisma.PurchaseGetPayload<{ select: typeof columns }>

export const withAccess = <Row extends Selected>({ grant, ...row }: Row): Omit<Row, 'grant'> & { hasAccess: boolean } => ({
  ...row,
  hasAccess: isActiveGrant(grant),
})

/** Newest first; the order is the index `purchases_history`, so a page reads only its own rows and those before it. */
export const newestFirst = [{ createdAt: 'desc' }, { id: 'desc' }] satisfies Prisma.PurchaseOrderByWithRelationInput[]

/** What of a user's history is asked for. */
export interface HistoryQuery {
  /** Counts from 1. A page after the last is empty. */
  page: number
  pageSize: number
  /** Only the purchases of this entity. */
  entityId?: string | undefined
}

interface Question {
  userId: string
  entityId: string | null
  pageSize: number
  offset: number
}

type PageRow = PurchaseRow & {
  /** Of the question, from 1. */
  position: number
  totalCount: number
}

/** The hot path of a viewer who waits. Few at a time: all purchases of a user are counted. A page without any is one row without an id. */
const historyOfAll = batchLoader(8, async (db, questions: readonly Question[]): Promise<HistoryPage[]> => {
  const rows = await preparedQuery<PageRow | (Omit<PageRow, 'id'> & { id: null })>(db)`
    select position::int, "totalCount", page.*
    from unnest((select ${questions.map(({ userId }) => userId)}::text[]), (select ${questions.map(({ entityId }) => entityId)}::text[]),
        (select ${questions.map(({ pageSize }) => pageSize)}::int[]), (select ${questions.map(({ offset }) => offset)}::int[]))
      with ordinality as asked("userId", "entityId", "pageSize", "offset", position)
    cross join lateral (
      select count(*)::int as "totalCount" from purchases
      where purchases.user_id = asked."userId" and purchases.entity_id = coalesce(asked."entityId", purchases.entity_id)
    ) as counted
    left join lateral (
      select purchases.id, purchases.user_id as "userId", purchases.entity_id as "entityId", product_id as "productId", status, processing, amount,
        currency, amount_paid as "amountPaid", currency_paid as "currencyPaid", amount_refunded as "amountRefunded",
        external_transaction_id as "externalTransactionId", created_at as "createdAt", completed_at as "completedAt",
        purchases.expires_at as "expiresAt", refunded_at as "refundedAt",
        grants.purchase_id is not null and ended_at is null and (grants.expires_at is null or grants.expires_at > now()) as "hasAccess"
      from purchases
      left join grants on grants.purchase_id = purchases.id
      where purchases.user_id = asked."userId" and purchases.entity_id = coalesce(asked."entityId", purchases.entity_id)
      order by created_at desc, purchases.id desc
      limit asked."pageSize" offset asked."offset"
    ) as page on true
    order by position, page."createdAt" desc, page.id desc`
  const pages: HistoryPage[] = questions.map(() => ({ items: [], totalCount: 0 }))
  for (const { position, totalCount, ...row } of rows) {
    const page = pages[position - 1]
    if (!page) throw new Error('A row of no question')
    page.totalCount = totalCount
    if (row.id !== null) page.items.push(row)
  }
  return pages
})

export const history = (db: Db, userId: string, { page, pageSize, entityId }: HistoryQuery): Promise<HistoryPage> =>
  historyOfAll(db, { userId, entityId: entityId ?? null, pageSize, offset: (page - 1) * pageSize })

/** One purchase, with what was sent to Stripe to make its checkout. */
export type OwnPurchase = PurchaseRow & Pick<Purchase, 'checkoutRequest'>

/** Null where there is none, and where it is another user's. */
export const ownPurchase = async (db: Db, userId: string, id: string): Promise<OwnPurchase | null> => {
  const row = await db.purchase.findUnique({ where: { id, userId }, select: { ...columns, checkoutRequest: true } })
  return row && withAccess(row)
}
