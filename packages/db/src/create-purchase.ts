import { idPattern, type OpenCheckout } from '@pay-to-view/purchase'
import { typeid } from 'typeid-js'
import { grantingEntityIds } from './access.ts'
import { type Db, preparedQuery } from './client.ts'
import { batchLoader } from './batch-loader.ts'
import type { Prisma } from './generated/client.ts'
import { PurchaseNotFound } from './purchase-view.ts'

/** What `create` has to know about a user, a product and an entity. */
export interface CreateContext {
  product: {
    id: string
    name: string
    amount: number
    currency: string
    accessDurationDays: number | null
    active: boolean
  } | null
  entity: { id: string; title: string; channelId: string | null } | null
  offered: boolean
  stripeCustomerId: string | null
  hasAccess: boolean
  /** A purchase of this entity whose checkout is over and whose payment nobody knows the end of: nothing may be sold beside it. */
  blockedBy: { id: string; reason: 'disputed' | 'payment_processing' | 'payment_review' } | null
  open: (OpenPurchase & OpenCheckout) | null
}

/** A purchase whose checkout may still be given out. `checkoutRequest` is what is sent to Stripe to make it; not read where it is made. */
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

interface SituationRow extends OpenCheckout {
  userId: string
  entityId: string
  product: CreateContext['product']
  entity: CreateContext['entity']
  offered: boolean
  stripeCustomerId: string | null
  hasAccess: boolean
  blockedBy: CreateContext['blockedBy']
  openId: string | null
  sessionId: string | null
  checkoutRequest: Prisma.JsonValue
  checkoutDeadline: Date
}

interface Question {
  userId: string
  productId: string
  entityId: string
}

/** The hot path of create. Each look-up gives one row, so that no table is read as a whole, however many questions Postgres reckons with. */
const situationOfAll = batchLoader(8, async (db, questions: readonly Question[]): Promise<CreateContext[]> => {
  const rows = await preparedQuery<SituationRow>(db)`
    select asked."userId", asked."entityId",
      case when product.id is null then null else jsonb_build_object('id', product.id, 'name', product.name, 'amount', product.amount,
        'currency', product.currency, 'accessDurationDays', product.access_duration_days, 'active', product.active) end as product,
      case when entity.id is null then null
        else jsonb_build_object('id', entity.id, 'title', entity.title, 'channelId', entity.channel_id) end as entity,
      (select product_id from offers where product_id = product.id and entity_id = entity.id) is not null as offered,
      (select stripe_customer_id from customers where user_id = asked."userId") as "stripeCustomerId",
      entity.id is not null and exists (
        select from grants where user_id = asked."userId" and entity_id in (entity.id, entity.channel_id) and ended_at is null
          and (expires_at is null or expires_at > now())
      ) as "hasAccess",
      (select jsonb_build_object('id', id, 'reason', reason) from blocking_purchase(asked."userId", asked."entityId")) as "blockedBy",
      attempt.id as "openId", attempt.product_id as "productId", attempt.amount, attempt.currency, attempt.created_at as "createdAt",
      attempt.access_duration_days as "accessDurationDays", attempt.checkout_request ->> 'return_url' as "returnUrl",
      attempt.processing or attempt.mismatch is not null as settling, attempt.session_id as "sessionId", attempt.checkout_deadline as "checkoutDeadline",
      case when attempt.session_id is null then attempt.checkout_request end as "checkoutRequest"
    from unnest((select ${questions.map(({ userId }) => userId)}::text[]), (select ${questions.map(({ productId }) => productId)}::text[]),
        (select ${questions.map(({ entityId }) => entityId)}::text[]))
      with ordinality as asked("userId", "productId", "entityId", position)
    left join lateral (select * from products where products.id = asked."productId" limit 1) as product on true
    left join lateral (select * from entities where entities.id = asked."entityId" limit 1) as entity on true
    left join lateral (
      select * from purchases where purchases.user_id = asked."userId" and purchases.entity_id = entity.id and purchases.open limit 1
    ) as attempt on true
    order by position`
  return rows.map(({ product, entity, offered, stripeCustomerId, hasAccess, blockedBy, openId: id, ...attempt }) => ({
    product,
    entity,
    offered,
    stripeCustomerId,
    hasAccess,
    blockedBy,
    open: id === null || entity === null ? null : { ...attempt, id, entity },
  }))
})

export const readCreateContext = (db: Db, userId: string, productId: string, entityId: string): Promise<CreateContext> =>
  situationOfAll(db, { userId, productId, entityId })

/** The checkout that an open attempt has by now, or null when it is open no more. */
export const readOpenCheckout = (db: Db, id: string): Promise<Pick<OpenPurchase, 'sessionId'> | null> =>
  db.purchase.findFirst({ where: { id, open: true }, select: { sessionId: true } })

/** What makes, or made, the checkout of a purchase. */
export const readCheckout = async (
  db: Db,
  id: string,
): Promise<{ sessionId: string | null; checkoutRequest: Prisma.JsonValue }> => {
  const row = await db.purchase.findUnique({ where: { id }, select: { sessionId: true, checkoutRequest: true } })
  if (!row) throw new PurchaseNotFound(id)
  return row
}

/** Stripe refuses to sell at this price: the operator is told once a day. */
export const alertCheckoutRejected = async (
  db: Db,
  { id: purchaseId, productId, amount, currency }: OpenPurchase,
  refusal: { code: string; param: string | null },
): Promise<void> => {
  const dedupeKey = ['checkout_refused', productId, amount, currency, refusal.code, new Date().toISOString().slice(0, 10)].join(
    ':',
  )
  const detail = { productId, amount, currency, ...refusal }
  await db.alert.createMany({ data: [{ kind: 'checkout_refused', purchaseId, dedupeKey, detail }], skipDuplicates: true })
}

/** The customer that we knew is gone at Stripe; somebody else may have replaced it already. */
export const replaceCustomer = async (db: Db, userId: string, gone: string, stripeCustomerId: string): Promise<void> => {
  await db.customer.updateMany({ where: { userId, stripeCustomerId: gone }, data: { stripeCustomerId } })
}

export const newPurchaseId = (): string => typeid('ptv').toString()

export interface NewPurchase {
  id: string
  userId: string
  entity: { id: string; title: string; channelId: string | null }
  product: { id: string; amount: number; currency: string; accessDurationDays: number | null }
  checkoutRequest: Prisma.InputJsonObject
  checkoutDeadline: Date
  /** The user's customer at Stripe: kept when the user has none yet. */
  stripeCustomerId: string
}

/**
 * Inserts an attempt, unless access is there already (`owned`), or another attempt is open or not settled (`taken`): decided under the
 * user's lock, so that no two attempts for one entity can ever be open. With it the user's customer is kept, where none is known: of two
 * requests at once one may meet the other there, on any of both columns, with the same customer.
 */
export const insertPurchase = async (db: Db, attempt: NewPurchase): Promise<OpenPurchase | 'owned' | 'taken'> => {
  const { id, userId, entity, product, checkoutRequest, checkoutDeadline, stripeCustomerId } = attempt
  if (!idPattern('purchase').test(id)) throw new TypeError(`${id} is not the id of a purchase`)
  const [answer] = await preparedQuery<{ outcome: 'inserted' | 'owned' | 'taken' }>(db)`
    with kept as (
      insert into customers (user_id, stripe_customer_id) values (${userId}, ${stripeCustomerId}) on conflict do nothing
    )
    select insert_purchase(${id}, ${userId}, ${entity.id}, ${grantingEntityIds(entity)}::text[], ${product.id}, ${product.amount}::int,
      ${product.currency}, ${product.accessDurationDays}::int, ${JSON.stringify(checkoutRequest)}::jsonb, ${checkoutDeadline}::timestamptz)
      as outcome`
  if (answer?.outcome !== 'inserted') return answer?.outcome ?? 'taken'
  const { id: productId, amount, currency } = product
  const row = { id, userId, entityId: entity.id, productId, amount, currency, sessionId: null }
  return { ...row, checkoutRequest: JSON.parse(JSON.stringify(checkoutRequest)), checkoutDeadline, entity }
}

/** Ties the checkout to its attempt. False when the attempt is open no more, or has another checkout: then this one must be expired. */
export const attachCheckout = async (db: Db, id: string, sessionId: string): Promise<boolean> => {
  const attached = await preparedQuery(db)`
    update purchases set session_id = ${sessionId}, workflow_started_at = now()
    where id = ${id} and open and (session_id is null or session_id = ${sessionId}) returning id`
  return attached.length === 1
}
