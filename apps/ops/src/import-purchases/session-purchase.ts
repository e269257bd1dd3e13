import type { ImportedPurchase } from '@pay-to-view/db'
import {
  type AllowedDiscount,
  catalogIdPattern,
  type EntityType,
  entityTypes,
  purchaseIdPattern,
  type Snapshot,
  type TaxBehavior,
  userIdPattern,
} from '@pay-to-view/purchase'
import { buildCheckoutRequest, purchaseIdIn, type StripeGateway, siteIn } from '@pay-to-view/stripe'

export type PastSession = StripeGateway['listPastSessions'] extends (...args: never[]) => AsyncGenerator<(infer Item)[]>
  ? Item
  : never
type Session = PastSession['session']

/** A purchase as read from a checkout session with the metadata that the integration guide describes. */
export interface SessionPurchase extends ImportedPurchase {
  entityType: EntityType
  /** The name of the session's line item; null if the session has no line item. */
  title: string | null
  isPaid: boolean
}

/**
 * Returns the discount that the purchase allows. The other backend allowed whatever discount Stripe deducted, so a coupon without a code
 * counts as `any`.
 */
const allowedDiscountOf = ({ allow_promotion_codes, discounts, total_details }: Session): AllowedDiscount => {
  if (allow_promotion_codes) return { kind: 'any' }
  const code = discounts?.[0]?.promotion_code ?? null
  if (code !== null && typeof code !== 'string') return { kind: 'code', promotionCodeId: code.id, code: code.code }
  return (total_details?.amount_discount ?? 0) > 0 ? { kind: 'any' } : { kind: 'none' }
}

/** Returns the tax behavior. It is derived from the amounts if possible, because the other backend may have added tax at its own rates. */
const taxBehaviorOf = ({ automatic_tax, line_items, total_details, ...session }: Session): TaxBehavior | null => {
  const { amount_discount: discount = 0, amount_tax: tax = 0 } = total_details ?? {}
  if (tax > 0) return session.amount_total === (session.amount_subtotal ?? 0) - discount + tax ? 'exclusive' : 'inclusive'
  if (!automatic_tax.enabled) return null
  return line_items?.data[0]?.price?.tax_behavior === 'exclusive' ? 'exclusive' : 'inclusive'
}

const typeNames: EntityType[] = ['video', 'channel', 'content']

const entityTypeOf = (number: string | undefined): EntityType =>
  typeNames.find((type) => String(entityTypes[type]) === number) ?? 'content'

const isPaid = (snapshots: readonly Snapshot[]): boolean =>
  snapshots.some((snapshot) => snapshot.kind === 'free_order' || (snapshot.kind === 'payment' && snapshot.status === 'paid'))

const shown = (id: string): string => `"${id.slice(0, 60)}"`

/** Returns the reason why a session cannot be imported, or null if it can be imported. */
const problemOf = ({ metadata, amount_subtotal, currency }: Session): string | null => {
  const { payToViewPurchaseId = '', userId, entityId, payToViewProductId } = metadata ?? {}
  const missing = Object.entries({ userId, entityId, payToViewProductId }).filter(([, value]) => !value)
  if (missing.length > 0) return `its metadata has no ${missing.map(([key]) => key).join(', ')}`
  if (!purchaseIdPattern.test(payToViewPurchaseId))
    return `payToViewPurchaseId ${shown(payToViewPurchaseId)} is not 1 to 200 characters without control characters and without spaces at the ends, or is . or ..`
  for (const [key, id] of Object.entries({ entityId, payToViewProductId })) {
    if (!catalogIdPattern.test(id ?? '')) return `${key} ${shown(id ?? '')} is not 1 to 128 characters of A-Z a-z 0-9 . _ ~ : -`
  }
  if (!userIdPattern.test(userId ?? '') || (userId ?? '').length > 200)
    return 'userId has more than 200 characters, control characters, unpaired surrogates or surrounding spaces'
  return amount_subtotal && currency ? null : 'it has no price'
}

const customerOf = ({ customer }: Session): string | null => (typeof customer === 'string' ? customer : (customer?.id ?? null))

/** Reads the purchase that a session's metadata names. */
export const readSessionPurchase = ({ session, snapshots }: PastSession): SessionPurchase | { problem: string } => {
  const problem = problemOf(session)
  const id = purchaseIdIn(session.metadata) ?? ''
  const { userId = '', entityId = '', payToViewProductId: productId = '', entityType } = session.metadata ?? {}
  const { amount_subtotal: amount, currency } = session
  if (problem !== null || !amount || !currency) return { problem: problem ?? 'it has no price' }
  const [allowedDiscount, taxBehavior] = [allowedDiscountOf(session), taxBehaviorOf(session)]
  const stripeCustomerId = customerOf(session)
  const checkoutDeadline = new Date(session.expires_at * 1_000)
  const options = {
    redirect: 'never',
    automaticTax: taxBehavior !== null,
    collectTaxIds: session.tax_id_collection?.enabled === true,
    createInvoices: session.invoice_creation?.enabled === true,
    site: siteIn(session.metadata) ?? undefined,
  } as const
  return {
    ...{ id, userId, entityId, productId, amount, currency, allowedDiscount, taxBehavior, stripeCustomerId, checkoutDeadline },
    sessionId: session.id,
    createdAt: new Date(session.created * 1_000),
    isSessionOpen: session.status === 'open',
    snapshots,
    entityType: entityTypeOf(entityType),
    title: session.line_items?.data[0]?.description ?? null,
    isPaid: isPaid(snapshots),
    buildCheckoutRequest: ({ productName, taxCode, entity: { type, title } }) =>
      buildCheckoutRequest({
        ...{
          purchaseId: id,
          userId,
          stripeCustomerId: stripeCustomerId ?? '',
          expiresAt: checkoutDeadline,
          returnUrl: '',
          options,
        },
        product: { id: productId, name: productName, amount, currency, taxCode },
        ...{ allowedDiscount, taxBehavior },
        entity: { id: entityId, type, title },
      }),
  }
}

/** Of a purchase's sessions, the one with the highest rank is used; if several have this rank, the oldest of them. */
const rank = ({ isPaid: paid, isSessionOpen }: SessionPurchase): number => (paid ? 2 : isSessionOpen ? 1 : 0)

/** `sessions` belong to one purchase, oldest first. */
export const mergeSessions = ([first, ...others]: readonly [SessionPurchase, ...SessionPurchase[]]): SessionPurchase => {
  const counting = others.reduce((best, session) => (rank(session) > rank(best) ? session : best), first)
  return {
    ...counting,
    createdAt: first.createdAt,
    isPaid: [first, ...others].some((session) => session.isPaid),
    isSessionOpen: [first, ...others].some((session) => session.isSessionOpen),
    snapshots: [first, ...others].flatMap(({ snapshots }) => snapshots),
  }
}
