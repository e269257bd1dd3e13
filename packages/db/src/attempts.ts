import { idPattern, type Attempt as ReusableAttempt } from '@pay-to-view/purchase'
import { typeid } from 'typeid-js'
import { live, lockUser, opening } from './access.ts'
import { PurchaseNotFound } from './apply.ts'
import type { Db } from './client.ts'
import { Prisma } from './generated/client.ts'

/** What `create` has to know about a user, a product and an entity. */
export interface Situation {
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
  /** A purchase of this entity whose payment is disputed. */
  disputedId: string | null
  open: OpenAttempt | null
}

/** A purchase whose checkout may still be given out. `checkoutRequest` is what is sent to Stripe to make it. */
export interface OpenAttempt extends ReusableAttempt {
  id: string
  userId: string
  entityId: string
  sessionId: string | null
  checkoutRequest: Prisma.JsonValue
  checkoutDeadline: Date
  entity: { title: string }
}

const openAttempt = {
  id: true,
  userId: true,
  entityId: true,
  productId: true,
  amount: true,
  currency: true,
  createdAt: true,
  sessionId: true,
  checkoutRequest: true,
  checkoutDeadline: true,
  entity: { select: { title: true } },
} as const satisfies Prisma.PurchaseSelect

export const readSituation = async (db: Db, userId: string, productId: string, entityId: string): Promise<Situation> => {
  const [product, entity, customer, purchases] = await Promise.all([
    db.product.findUnique({ where: { id: productId }, include: { offers: { where: { entityId } } } }),
    db.entity.findUnique({ where: { id: entityId } }),
    db.customer.findUnique({ where: { userId } }),
    db.purchase.findMany({
      where: { userId, entityId, OR: [{ open: true }, { status: 'Disputed' }] },
      select: { ...openAttempt, open: true },
    }),
  ])
  const granted =
    entity && (await db.grant.count({ where: { userId, entityId: { in: opening(entity) }, ...live(new Date()) } })) > 0
  return {
    product,
    entity,
    offered: product !== null && product.offers.length > 0,
    stripeCustomerId: customer?.stripeCustomerId ?? null,
    hasAccess: granted === true,
    disputedId: purchases.find((purchase) => !purchase.open)?.id ?? null,
    open: purchases.find((purchase) => purchase.open) ?? null,
  }
}

/** The open attempt with this id as it is now, or null when it is open no more. */
export const readOpenAttempt = (db: Db, id: string): Promise<OpenAttempt | null> =>
  db.purchase.findFirst({ where: { id, open: true }, select: openAttempt })

/** What makes, or made, the checkout of a purchase. */
export const readCheckout = async (
  db: Db,
  id: string,
): Promise<{ sessionId: string | null; checkoutRequest: Prisma.JsonValue }> => {
  const row = await db.purchase.findUnique({ where: { id }, select: { sessionId: true, checkoutRequest: true } })
  if (!row) throw new PurchaseNotFound(id)
  return row
}

/** Remembers the Stripe customer of a user; the first one told stays. */
export const rememberCustomer = async (db: Db, userId: string, stripeCustomerId: string): Promise<string> => {
  await db.customer.createMany({ data: [{ userId, stripeCustomerId }], skipDuplicates: true })
  const customer = await db.customer.findUniqueOrThrow({ where: { userId } })
  return customer.stripeCustomerId
}

/** The customer that we knew is gone at Stripe; somebody else may have replaced it already. */
export const replaceCustomer = async (db: Db, userId: string, gone: string, stripeCustomerId: string): Promise<void> => {
  await db.customer.updateMany({ where: { userId, stripeCustomerId: gone }, data: { stripeCustomerId } })
}

export const newPurchaseId = (): string => typeid('ptv').toString()

export interface NewAttempt {
  id: string
  userId: string
  entity: { id: string; title: string; channelId: string | null }
  product: { id: string; amount: number; currency: string; accessDurationDays: number | null }
  checkoutRequest: Prisma.InputJsonObject
  checkoutDeadline: Date
}

/**
 * Inserts an attempt, unless access is there already (`owned`) or another attempt is open (`taken`): both decided under the user's lock,
 * so that no two attempts for one entity can ever be open.
 */
export const insertAttempt = async (db: Db, attempt: NewAttempt): Promise<OpenAttempt | 'owned' | 'taken'> => {
  const { id, userId, entity, product, checkoutRequest, checkoutDeadline } = attempt
  if (!idPattern('purchase').test(id)) throw new TypeError(`${id} is not the id of a purchase`)
  try {
    return await db.$transaction(async (tx) => {
      await lockUser(tx, userId)
      const owned = await tx.grant.count({ where: { userId, entityId: { in: opening(entity) }, ...live(new Date()) } })
      if (owned > 0) return 'owned'
      return tx.purchase.create({
        data: {
          id,
          userId,
          entityId: entity.id,
          productId: product.id,
          amount: product.amount,
          currency: product.currency,
          accessDurationDays: product.accessDurationDays,
          checkoutRequest,
          checkoutDeadline,
        },
        select: openAttempt,
      })
    })
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002') return 'taken'
    throw error
  }
}

/** Ties the checkout to its attempt. False when the attempt is open no more, or has another checkout: then this one must be expired. */
export const attachCheckout = async (db: Db, id: string, sessionId: string): Promise<boolean> => {
  const { count } = await db.purchase.updateMany({
    where: { id, open: true, OR: [{ sessionId: null }, { sessionId }] },
    data: { sessionId, workflowStartedAt: new Date() },
  })
  return count === 1
}
