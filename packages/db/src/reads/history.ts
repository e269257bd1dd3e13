import { batchLoader } from '../batch-loader.ts'
import { type Db, preparedQuery } from '../client.ts'
import type { EntityType, Prisma, Purchase } from '../generated/client.ts'
import { grantTimesColumns, isActiveGrant, playedPeriodOf } from '../grants/grant-times.ts'

type Columns = keyof typeof columns

/** A purchase with the fields that the user may see. Amounts are in minor units. */
export type PurchaseRow = Pick<Purchase, Exclude<Columns, 'grant' | 'entity'>> & {
  entityType: EntityType
  /** Whether the grant of this purchase is active. */
  hasAccess: boolean
  /** When the access starts; null if no access was granted. */
  startsAt: Date | null
  /** When the access expires, even if it was revoked; null if no access was granted or the access is permanent. */
  expiresAt: Date | null
  /** When a rental was first played; null for other purchases. */
  firstPlayedAt: Date | null
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
  amountSubtotal: true,
  amountDiscount: true,
  amountTax: true,
  amountRefunded: true,
  promotionCode: true,
  country: true,
  invoiceNumber: true,
  invoiceUrl: true,
  invoicePdfUrl: true,
  externalTransactionId: true,
  createdAt: true,
  completedAt: true,
  refundedAt: true,
  consentVersion: true,
  consentAt: true,
  withdrawnAt: true,
  rentalWatchWithinHours: true,
  entity: { select: { type: true, availableFrom: true } },
  grant: { select: { ...grantTimesColumns, revokedAt: true } },
} satisfies Prisma.PurchaseSelect

type Selected = Prisma.PurchaseGetPayload<{ select: typeof columns }>

type WithAccess<Row extends Selected> = Omit<Row, 'grant' | 'entity'> &
  Pick<PurchaseRow, 'entityType' | 'hasAccess' | 'startsAt' | 'expiresAt' | 'firstPlayedAt'>

export const withAccess = <Row extends Selected>({ grant, entity, ...row }: Row): WithAccess<Row> => {
  const period = grant && playedPeriodOf(grant, entity.availableFrom)
  return {
    ...row,
    entityType: entity.type,
    hasAccess: isActiveGrant(grant, entity.availableFrom, new Date()),
    startsAt: period?.startsAt ?? null,
    expiresAt: period?.expiresAt ?? null,
    firstPlayedAt: period?.firstPlayedAt ?? null,
  }
}

/** Orders purchases newest first, like the `purchases_history` index, so a page reads only its own rows and the rows before them. */
export const newestFirst = [{ createdAt: 'desc' }, { id: 'desc' }] satisfies Prisma.PurchaseOrderByWithRelationInput[]

export interface HistoryQuery {
  /** The page number, starting at 1. A page beyond the last page is empty. */
  page: number
  pageSize: number
  /** If set, only the purchases of this entity are returned. */
  entityId?: string | undefined
}

interface HistoryKey {
  userId: string
  entityId: string | null
  pageSize: number
  offset: number
}

type PageRow = PurchaseRow & {
  /** The position of the key in the batch, starting at 1. */
  position: number
  totalCount: number
}

/**
 * A purchase whose checkout Stripe rejected is not part of the history: the buyer got an error.
 *
 * Batches are small, because each key counts all purchases of a user. An empty page is represented by one row with a null id.
 */
const loadHistory = batchLoader(8, async (db, keys: readonly HistoryKey[]): Promise<HistoryPage[]> => {
  const rows = await preparedQuery<PageRow | (Omit<PageRow, 'id'> & { id: null })>(db)`
    select position::int, "totalCount", page.*
    from unnest((select ${keys.map(({ userId }) => userId)}::text[]), (select ${keys.map(({ entityId }) => entityId)}::text[]),
        (select ${keys.map(({ pageSize }) => pageSize)}::int[]), (select ${keys.map(({ offset }) => offset)}::int[]))
      with ordinality as lookup("userId", "entityId", "pageSize", "offset", position)
    cross join lateral (
      select count(*)::int as "totalCount" from purchases
      where purchases.user_id = lookup."userId" and purchases.entity_id = coalesce(lookup."entityId", purchases.entity_id)
        and not is_checkout_rejected(purchases)
    ) as counted
    left join lateral (
      select purchases.id, purchases.user_id as "userId", purchases.entity_id as "entityId", entities.type as "entityType", product_id as "productId", purchases.status, processing, amount,
        currency, amount_paid as "amountPaid", currency_paid as "currencyPaid", amount_refunded as "amountRefunded",
        amount_subtotal as "amountSubtotal", amount_discount as "amountDiscount", amount_tax as "amountTax", promotion_code as "promotionCode",
        country, invoice_number as "invoiceNumber", invoice_url as "invoiceUrl", invoice_pdf_url as "invoicePdfUrl",
        external_transaction_id as "externalTransactionId", purchases.created_at as "createdAt", completed_at as "completedAt",
        refunded_at as "refundedAt", consent_version as "consentVersion", consent_at as "consentAt", withdrawn_at as "withdrawnAt",
        purchases.rental_watch_within_hours as "rentalWatchWithinHours", period.first_played_at as "firstPlayedAt", period.starts_at as "startsAt", period.expires_at as "expiresAt",
        grants.id is not null and grants.revoked_at is null and period.starts_at <= now() and coalesce(period.expires_at > now(), true) as "hasAccess"
      from purchases
      join entities on entities.id = purchases.entity_id
      left join grants on grants.purchase_id = purchases.id
      left join lateral (
        select starts_at, grant_expires_at(grants, starts_at) as expires_at, grant_first_played_at(grants, starts_at) as first_played_at
        from grant_starts_at(grants, entities.available_from) as starts_at
      ) as period on true
      where purchases.user_id = lookup."userId" and purchases.entity_id = coalesce(lookup."entityId", purchases.entity_id)
        and not is_checkout_rejected(purchases)
      order by purchases.created_at desc, purchases.id desc
      limit lookup."pageSize" offset lookup."offset"
    ) as page on true
    order by position, page."createdAt" desc, page.id desc`
  const pages: HistoryPage[] = keys.map(() => ({ items: [], totalCount: 0 }))
  for (const { position, totalCount, ...row } of rows) {
    const page = pages[position - 1]
    if (!page) throw new Error('The query returned a row for no key')
    page.totalCount = totalCount
    if (row.id !== null) page.items.push(row)
  }
  return pages
})

export const history = (db: Db, userId: string, { page, pageSize, entityId }: HistoryQuery): Promise<HistoryPage> =>
  loadHistory(db, { userId, entityId: entityId ?? null, pageSize, offset: (page - 1) * pageSize })

/** A purchase with the request that creates its checkout session. */
export type OwnPurchase = PurchaseRow & Pick<Purchase, 'checkoutRequest'>

/** Returns one of the user's purchases, or null if the purchase does not exist or belongs to another user. */
export const ownPurchase = async (db: Db, userId: string, id: string): Promise<OwnPurchase | null> => {
  const row = await db.purchase.findUnique({ where: { id, userId }, select: { ...columns, checkoutRequest: true } })
  return row && withAccess(row)
}
