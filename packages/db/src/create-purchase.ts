import {
  type Access,
  type AccessTerms,
  type AllowedDiscount,
  accessAt,
  type EntityType,
  type GrantedPeriod,
  type OpenCheckout,
  type Price,
  purchaseIdPattern,
  type Rental,
  type SaleTerms,
  type TaxBehavior,
} from '@pay-to-view/purchase'
import { DatabaseError } from 'pg'
import { typeid } from 'typeid-js'
import { batchLoader } from './batch-loader.ts'
import { type Db, preparedQuery } from './client.ts'
import type { Prisma } from './generated/client.ts'
import { readRental } from './grants/grant-times.ts'
import { PurchaseNotFound } from './purchase-view.ts'

/** All stored data that is needed to create a purchase. */
export interface CreateContext {
  product: {
    id: string
    name: string
    /** One price per currency; the first is the default. */
    prices: Price[]
    accessDurationDays: number | null
    rental: Rental | null
    allowPromotionCodes: boolean
    taxCode: string | null
    taxBehavior: TaxBehavior | null
  } | null
  entity: { id: string; type: EntityType; title: string } | null
  /** Null if the product or the entity does not exist. */
  terms: SaleTerms | null
  offered: boolean
  stripeCustomerId: string | null
  /** The hash of the e-mail address that the Stripe customer has. */
  customerEmailHash: string | null
  /** The user's current or future access to the entity. */
  access: Access | null
  /** The user's access periods for the entity, as of `now`. */
  periods: GrantedPeriod[]
  now: Date
  /** A purchase of the entity by this user that is no longer open but may still give access, so the user must not buy the entity again. */
  blockedBy: { id: string; reason: 'disputed' | 'payment_processing' | 'payment_review' } | null
  open: (OpenPurchase & OpenCheckout) | null
}

/**
 * A purchase whose checkout can still be paid. `checkoutRequest` is the request that creates the session, or null if the session already
 * exists.
 */
export interface OpenPurchase {
  id: string
  userId: string
  entityId: string
  productId: string
  amount: number
  currency: string
  sessionId: string | null
  checkoutRequest: Prisma.JsonValue
  checkoutDeadline: Date
  entity: { title: string }
}

/** The type of a value as read from JSON, where times are strings. */
type StoredTerms<T> = { [K in keyof T]: T[K] extends Date ? string : T[K] extends Date | null ? string | null : T[K] }

type StoredPeriod = StoredTerms<GrantedPeriod>

interface CreateContextRow extends Omit<OpenCheckout, 'rental'> {
  rentalStartWithinDays: number | null
  rentalWatchWithinHours: number | null
  userId: string
  entityId: string
  product: (NonNullable<CreateContext['product']> & StoredTerms<SaleTerms['product']>) | null
  entity: (NonNullable<CreateContext['entity']> & StoredTerms<SaleTerms['entity']>) | null
  offered: boolean
  stripeCustomerId: string | null
  customerEmailHash: string | null
  periods: StoredPeriod[]
  now: Date
  blockedBy: CreateContext['blockedBy']
  openId: string | null
  sessionId: string | null
  checkoutRequest: Prisma.JsonValue
  checkoutDeadline: Date
}

interface CreateContextKey {
  userId: string
  productId: string
  entityId: string
}

const toDate = (time: string | null): Date | null => (time === null ? null : new Date(time))

const readTerms = ({ product, entity }: Pick<CreateContextRow, 'product' | 'entity'>): SaleTerms | null =>
  product &&
  entity && {
    product: { ...product, saleFrom: toDate(product.saleFrom), saleUntil: toDate(product.saleUntil) },
    entity: { ...entity, availableUntil: toDate(entity.availableUntil), canceledAt: toDate(entity.canceledAt) },
  }

const readPeriod = ({ startsAt, expiresAt, firstPlayedAt, ...period }: StoredPeriod): GrantedPeriod => ({
  ...period,
  startsAt: new Date(startsAt),
  expiresAt: toDate(expiresAt),
  firstPlayedAt: toDate(firstPlayedAt),
})

/** Each lateral join is limited to one row, so Postgres never scans a whole table, no matter how many keys it expects. */
const loadCreateContext = batchLoader(8, async (db, keys: readonly CreateContextKey[]): Promise<CreateContext[]> => {
  const rows = await preparedQuery<CreateContextRow>(db)`
    select lookup."userId", lookup."entityId",
      case when product.id is null then null else jsonb_build_object('id', product.id, 'name', product.name, 'prices', coalesce(price.list, '[]'), 'accessDurationDays', product.access_duration_days, 'status', product.status, 'saleFrom', product.sale_from,
        'saleUntil', product.sale_until, 'rental', case when product.rental_start_within_days is not null then jsonb_build_object(
          'startWithinDays', product.rental_start_within_days, 'watchWithinHours', product.rental_watch_within_hours) end, 'allowPromotionCodes', product.allow_promotion_codes,
        'taxCode', product.tax_code, 'taxBehavior', product.tax_behavior) end as product,
      case when entity.id is null then null
        else jsonb_build_object('id', entity.id, 'type', entity.type, 'title', entity.title, 'status', entity.status,
          'availableUntil', entity.available_until, 'canceledAt', entity.canceled_at) end as entity,
      (select product_id from offers where product_id = product.id and entity_id = entity.id) is not null as offered,
      customer.stripe_customer_id as "stripeCustomerId", customer.email_hash as "customerEmailHash",
      now() as now, coalesce((
        select jsonb_agg(jsonb_build_object('grantId', grant_id, 'source', source, 'purchaseId', purchase_id, 'watchWithinHours', watch_within_hours,
          'firstPlayedAt', first_played_at, 'startsAt', starts_at, 'expiresAt', expires_at))
        from access_periods(lookup."userId", lookup."entityId", now())
      ), '[]') as periods,
      (select jsonb_build_object('id', id, 'reason', reason) from blocking_purchase(lookup."userId", lookup."entityId")) as "blockedBy",
      purchase.id as "openId", purchase.product_id as "productId", purchase.amount, purchase.currency, purchase.created_at as "createdAt",
      purchase.access_duration_days as "accessDurationDays", purchase.rental_start_within_days as "rentalStartWithinDays",
      purchase.rental_watch_within_hours as "rentalWatchWithinHours", purchase.is_renewal as "isRenewal", purchase.allowed_discount as "allowedDiscount",
      purchase.chosen_promotion_code as "promotionCode", purchase.tax_behavior as "taxBehavior", purchase.consent_version as "consentVersion", purchase.return_url as "returnUrl",
      purchase.processing or purchase.mismatch is not null as "hasPendingPayment", purchase.session_id as "sessionId", purchase.checkout_deadline as "checkoutDeadline",
      case when purchase.session_id is null then purchase.checkout_request end as "checkoutRequest"
    from unnest((select ${keys.map(({ userId }) => userId)}::text[]), (select ${keys.map(({ productId }) => productId)}::text[]),
        (select ${keys.map(({ entityId }) => entityId)}::text[]))
      with ordinality as lookup("userId", "productId", "entityId", position)
    left join lateral (select * from customers where customers.user_id = lookup."userId" limit 1) as customer on true
    left join lateral (select * from products where products.id = lookup."productId" limit 1) as product on true
    left join lateral (
      select jsonb_agg(jsonb_build_object('currency', currency, 'amount', amount) order by position) as list from prices where prices.product_id = product.id
    ) as price on true
    left join lateral (select * from entities where entities.id = lookup."entityId" limit 1) as entity on true
    left join lateral (
      select * from purchases where purchases.user_id = lookup."userId" and purchases.entity_id = entity.id and purchases.open limit 1
    ) as purchase on true
    order by lookup.position`
  return rows.map(({ product, entity, offered, stripeCustomerId, customerEmailHash, blockedBy, openId: id, now, ...row }) => {
    const periods = row.periods.map(readPeriod)
    return {
      ...{ product, entity, offered, stripeCustomerId, customerEmailHash, blockedBy, periods, now },
      terms: readTerms({ product, entity }),
      access: accessAt(periods, now),
      open: id === null || entity === null ? null : { ...row, id, entity, rental: readRental(row) },
    }
  })
})

export const readCreateContext = (db: Db, userId: string, productId: string, entityId: string): Promise<CreateContext> =>
  loadCreateContext(db, { userId, productId, entityId })

/**
 * Returns the session id of an open purchase, which is null until the session is created. Returns null if the purchase is no longer open.
 */
export const readOpenCheckout = (db: Db, id: string): Promise<Pick<OpenPurchase, 'sessionId'> | null> =>
  db.purchase.findFirst({ where: { id, open: true }, select: { sessionId: true } })

/** Returns a purchase's session id, which is null until the session is created, and the request that creates the session. */
export const readCheckout = async (
  db: Db,
  id: string,
): Promise<{ sessionId: string | null; checkoutRequest: Prisma.JsonValue }> => {
  const row = await db.purchase.findUnique({ where: { id }, select: { sessionId: true, checkoutRequest: true } })
  if (!row) throw new PurchaseNotFound(id)
  return row
}

/** Raises an alert when Stripe rejects a checkout. There is at most one alert a day per product, price and reason. */
export const alertCheckoutRejected = async (
  db: Db,
  { id: purchaseId, productId, amount, currency }: OpenPurchase,
  rejection: { code: string; param: string | null; message: string },
): Promise<void> => {
  const cause = [rejection.code, rejection.param ?? '', new Date().toISOString().slice(0, 10)]
  const dedupeKey = ['checkout_refused', productId, amount, currency, ...cause].join(':')
  const detail = { productId, amount, currency, ...rejection }
  await db.alert.createMany({ data: [{ kind: 'checkout_refused', purchaseId, dedupeKey, detail }], skipDuplicates: true })
}

export const newPurchaseId = (): string => typeid('ptv').toString()

export interface NewPurchase {
  id: string
  userId: string
  entity: { id: string; type: EntityType; title: string }
  /** The product with the chosen price. */
  product: Price & Pick<AccessTerms, 'accessDurationDays'> & Partial<AccessTerms> & { id: string }
  /** Defaults to false. */
  isRenewal?: boolean
  /** Defaults to no discount. */
  allowedDiscount?: AllowedDiscount
  /** Defaults to no tax. */
  taxBehavior?: TaxBehavior | null
  /** The version of the texts to which the buyer has consented. Defaults to no consent. */
  consentVersion?: string | null
  checkoutRequest: Prisma.InputJsonObject
  checkoutDeadline: Date
  returnUrl?: string | null
  /** Stored together with `emailHash`, unless the user already has a customer. */
  stripeCustomerId: string
  emailHash?: string | null
  /** The buyer's language, such as `de-AT`. */
  locale?: string | null
}

/** The SQLSTATE of a foreign key violation: a row refers to a nonexistent row. */
const foreignKeyViolation = '23503'

/**
 * Inserts a purchase, and the user's customer if none is stored yet. If the purchase cannot be inserted, returns `owned` (the user already
 * owns the entity, see isOwned), `taken` (another purchase of the entity is open or blocks the new purchase), or null (the entity was
 * deleted, was canceled, or has a different type than in the checkout).
 *
 * Locks on the user and the entity guarantee that a user has at most one open purchase of an entity, that an entity's type does not change
 * after a sale, and that a cancellation finds every purchase.
 */
export const insertPurchase = async (db: Db, purchase: NewPurchase): Promise<OpenPurchase | 'owned' | 'taken' | null> => {
  const {
    id,
    userId,
    entity,
    product,
    allowedDiscount,
    taxBehavior = null,
    consentVersion = null,
    isRenewal = false,
    emailHash = null,
    locale = null,
    checkoutRequest,
    checkoutDeadline,
    returnUrl = null,
    stripeCustomerId,
  } = purchase
  const chosen = allowedDiscount?.kind === 'code' ? allowedDiscount : null
  if (!purchaseIdPattern.test(id)) throw new TypeError(`${id} is not a purchase id`)
  const [result] = await preparedQuery<{ outcome: 'inserted' | 'owned' | 'taken' | null }>(db)`
    with customer as (
      insert into customers (user_id, stripe_customer_id, email_hash) values (${userId}, ${stripeCustomerId}, ${emailHash})
      on conflict do nothing
    )
    select case when exists (select from entities where id = ${entity.id} and type = ${entity.type}::entity_type and canceled_at is null for share)
      then insert_purchase(${JSON.stringify({
        id,
        user_id: userId,
        entity_id: entity.id,
        product_id: product.id,
        amount: product.amount,
        currency: product.currency,
        access_duration_days: product.accessDurationDays,
        rental_start_within_days: product.rental?.startWithinDays ?? null,
        rental_watch_within_hours: product.rental?.watchWithinHours ?? null,
        is_renewal: isRenewal,
        allowed_discount: allowedDiscount?.kind ?? 'none',
        chosen_promotion_code_id: chosen?.promotionCodeId ?? null,
        chosen_promotion_code: chosen?.code ?? null,
        tax_behavior: taxBehavior,
        consent_version: consentVersion,
        checkout_request: checkoutRequest,
        checkout_deadline: checkoutDeadline,
        return_url: returnUrl,
        locale,
      })}::jsonb) end as outcome`.catch((error: unknown) => {
    if (error instanceof DatabaseError && error.code === foreignKeyViolation) return [{ outcome: null }]
    throw error
  })
  if (result?.outcome === null) return null
  if (result?.outcome !== 'inserted') return result?.outcome ?? 'taken'
  const { id: productId, amount, currency } = product
  const row = { id, userId, entityId: entity.id, productId, amount, currency, sessionId: null }
  return { ...row, checkoutRequest: JSON.parse(JSON.stringify(checkoutRequest)), checkoutDeadline, entity }
}

/**
 * Stores the session of a purchase. Returns false if the purchase is no longer open or has a different session. In that case the caller
 * must expire the given session.
 */
export const attachCheckout = async (db: Db, id: string, sessionId: string): Promise<boolean> => {
  const attached = await preparedQuery(db)`
    update purchases set session_id = ${sessionId}, workflow_started_at = now()
    where id = ${id} and open and (session_id is null or session_id = ${sessionId}) returning id`
  return attached.length === 1
}
