import { setTimeout } from 'node:timers/promises'
import {
  type CreateContext,
  insertPurchase,
  type NewPurchase,
  newPurchaseId,
  readCreateContext,
  saveCustomerEmailHash,
} from '@pay-to-view/db'
import {
  type Access,
  type AllowedDiscount,
  type ConsentTerms,
  checkoutLifetimeMs,
  isOwned,
  isReusable,
  type Price,
  rejectSale,
  type TaxBehavior,
} from '@pay-to-view/purchase'
import { buildCheckoutRequest } from '@pay-to-view/stripe'
import { withTimeout } from '@pay-to-view/telemetry'
import { requireConsent } from '../../consent.ts'
import { ApiError } from '../../errors.ts'
import { type CheckoutDeps, createCheckouts } from './checkout.ts'
import { createDiscountLookup, type DiscountLookup } from './promotion-code.ts'
import { createTurns } from './turns.ts'
import type { CreateInput, CreateResult, CreateUser, PurchaseCommands } from './types.ts'

export interface CreatePurchaseDeps extends CheckoutDeps {
  isReturnUrlAllowed: (returnUrl: string) => boolean
  /** The consent that buyers must give; null if no consent is required. */
  consent: ConsentTerms | null
  /** Hashes an e-mail address; see `createEmailHash`. */
  hashEmail: (email: string) => string
  /** The time limit of one call: longer than any single step of the call, and shorter than the caller's own timeout. */
  createTimeoutMs?: number
}

/**
 * The delay before an attempt that follows several others. It is random and grows, because another server may be creating a purchase of the
 * same user and entity.
 */
const retryDelayMs = (attempts: number): number => (0.5 + Math.random() / 2) * Math.min(50 * 2 ** attempts, 2_000)

/** The number of attempts without a delay. The second attempt follows the closing of the open purchase. */
const immediateAttempts = 2

type Purchasable = { product: NonNullable<CreateContext['product']>; entity: NonNullable<CreateContext['entity']> }

const requireOffered = ({ product, entity, offered, access, terms }: CreateContext, input: CreateInput): Purchasable => {
  if (!product) throw new ApiError('product_not_found', { field: 'payToViewProductId' })
  const isVisible = access?.hasAccess || terms?.entity.status === 'published'
  if (!entity || !isVisible) throw new ApiError('entity_not_found', { field: 'entityId' })
  if (!offered) {
    throw new ApiError('product_not_offered', {
      field: 'payToViewProductId',
      message: `Expected a product that is offered for ${input.entityId}; GET /client/v1/pay-to-view/products?entityId=${encodeURIComponent(input.entityId)} lists these products`,
    })
  }
  return { product, entity }
}

const requireOnSale = ({ terms }: CreateContext): void => {
  const rejection = terms && rejectSale(terms, new Date())
  if (!rejection) return
  if (rejection.rejected === 'not_published') throw new ApiError('entity_not_found', { field: 'entityId' })
  const field = rejection.subject === 'product' ? 'payToViewProductId' : 'entityId'
  throw new ApiError('product_not_on_sale', { field, message: rejection.message })
}

const requirePrice = ({ id, prices }: Purchasable['product'], currency: string | undefined): Price => {
  const price = currency === undefined ? prices[0] : prices.find((candidate) => candidate.currency === currency)
  if (price) return price
  const currencies = prices.map((candidate) => candidate.currency)
  throw new ApiError('currency_not_offered', {
    field: 'currency',
    message: `Expected a currency in which ${id} has a price: ${currencies.join(', ')}`,
    extensions: { currencies },
  })
}

/** By default, a price includes the tax, so the buyer pays the price that the page shows. */
const taxBehaviorOf = ({ taxBehavior }: Purchasable['product'], automaticTax: boolean): TaxBehavior | null =>
  automaticTax ? (taxBehavior ?? 'inclusive') : null

/** The terms from which a purchase's quote is built. */
interface Terms {
  product: Purchasable['product']
  price: Price
  taxBehavior: TaxBehavior | null
}

interface Request {
  input: CreateInput
  /** The version of the texts that the buyer has consented to; null if no consent is required. */
  consentVersion: string | null
  allowDiscount: DiscountLookup
}

const discountUse = ({ product, price, taxBehavior }: Terms, stripeCustomerId: string): Parameters<DiscountLookup>[1] => ({
  productId: product.id,
  stripeCustomerId,
  taxBehavior,
  ...price,
})

const isReusableFor = (
  open: NonNullable<CreateContext['open']>,
  { product, price, taxBehavior }: Terms,
  { input: { promotionCode, returnUrl, renew = false }, consentVersion }: Request,
): boolean =>
  isReusable(
    open,
    {
      ...{ productId: product.id, ...price, accessDurationDays: product.accessDurationDays },
      ...{ rental: product.rental, isRenewal: renew },
      taxBehavior,
      allowedDiscount: !product.allowPromotionCodes ? 'none' : promotionCode === undefined ? 'any' : 'code',
      promotionCode: promotionCode ?? null,
      consentVersion,
      returnUrl,
    },
    new Date(),
  )

interface Buyer {
  userId: string
  stripeCustomerId: string
  emailHash: string | null
  locale: string | null
}

/** Builds a new purchase with its quote and the request that creates its checkout. */
const buildPurchase = (
  { product, price, taxBehavior }: Terms,
  entity: Purchasable['entity'],
  { userId, stripeCustomerId, emailHash, locale }: Buyer,
  { input: { returnUrl, renew = false }, consentVersion }: Request,
  { allowedDiscount, options }: { allowedDiscount: AllowedDiscount; options: CheckoutDeps['checkoutOptions'] },
): NewPurchase => {
  const [id, expiresAt] = [newPurchaseId(), new Date(Date.now() + checkoutLifetimeMs)]
  const quote = { product: { ...product, ...price }, allowedDiscount, taxBehavior }
  const checkoutRequest = buildCheckoutRequest({
    ...{ purchaseId: id, ...quote, entity, userId, stripeCustomerId },
    ...{ expiresAt, returnUrl, options },
  })
  return {
    ...{ id, userId, entity, ...quote, isRenewal: renew, consentVersion },
    ...{ stripeCustomerId, emailHash, locale, checkoutDeadline: expiresAt, returnUrl, checkoutRequest },
  }
}

/** The response if the user already has access, or has bought access that has not started yet. */
const owned = ({ hasAccess, startsAt }: Access): CreateResult => ({
  success: false,
  hasAccess: true,
  ...(hasAccess ? {} : { startsAt: startsAt.toISOString() }),
})

/** Creates a purchase, or reuses the user's open purchase of the same entity. A user has at most one open purchase per entity. */
export const createPurchase = (deps: CreatePurchaseDeps): PurchaseCommands['create'] => {
  const { db, stripe, checkoutOptions, consent, isReturnUrlAllowed, hashEmail, createTimeoutMs = 25_000 } = deps
  const { awaitConcurrentCheckout, closeCheckout, issueCheckout } = createCheckouts(deps)
  const inTurn = createTurns()

  const reuseOrClose = async (
    open: NonNullable<CreateContext['open']>,
    terms: Terms,
    stripeCustomerId: string,
    request: Request,
    updateEmail: () => Promise<void>,
  ): Promise<CreateResult | null> => {
    const current = open.sessionId === null ? await awaitConcurrentCheckout(open) : open
    if (current === null) return null
    if (isReusableFor(current, terms, request)) {
      const [reused] = await Promise.all([issueCheckout(current, stripeCustomerId), updateEmail()])
      if (reused) return reused
    }
    // The code is checked first, because an unusable code must not close the user's open checkout.
    await request.allowDiscount(terms.product.allowPromotionCodes, discountUse(terms, stripeCustomerId))
    return closeCheckout(current)
  }

  /**
   * Updates the customer's e-mail address in Stripe if it differs from the address in the token. A failure is ignored, and is recorded only
   * in the metrics of Stripe calls. The next create call tries again, unless Stripe rejected the address.
   */
  const updateEmail = async (context: CreateContext, userId: string, email: string | null): Promise<void> => {
    const { stripeCustomerId, customerEmailHash } = context
    if (stripeCustomerId === null || email === null || hashEmail(email) === customerEmailHash) return
    await stripe
      .updateCustomerEmail(stripeCustomerId, email)
      .then(() => saveCustomerEmailHash(db, userId, stripeCustomerId, hashEmail(email)))
      .catch(() => undefined)
  }

  /** Returns null if another attempt is needed. */
  const attempt = async (
    { input, allowDiscount }: Pick<Request, 'input' | 'allowDiscount'>,
    { id: userId, email, language = null }: CreateUser,
  ): Promise<CreateResult | null> => {
    const context = await readCreateContext(db, userId, input.payToViewProductId, input.entityId)
    const { product, entity } = requireOffered(context, input)
    const { access, periods, now } = context
    if (access && isOwned(periods, now, input.renew ?? false)) return owned(access)
    requireOnSale(context)
    const price = requirePrice(product, input.currency)
    if (context.blockedBy !== null) {
      const { id: purchaseId, reason } = context.blockedBy
      return { success: false, hasAccess: false, purchaseId, reason }
    }
    // Consent is required last, because without a new checkout the user does not have to consent to anything.
    const request = { input, allowDiscount, consentVersion: requireConsent(consent, input.consent) }
    const taxBehavior = taxBehaviorOf(product, checkoutOptions.automaticTax)
    const terms: Terms = { product, price, taxBehavior }
    const emailHash = email === null ? null : hashEmail(email)
    const owner = { userId, site: checkoutOptions.site, email, emailHash }
    const stripeCustomerId = context.stripeCustomerId ?? (await stripe.createCustomer(owner))
    const updateCustomer = (): Promise<void> => updateEmail(context, userId, email)
    if (context.open) return reuseOrClose(context.open, terms, stripeCustomerId, request, updateCustomer)
    const allowedDiscount = await allowDiscount(product.allowPromotionCodes, discountUse(terms, stripeCustomerId))
    const options = { allowedDiscount, options: checkoutOptions }
    const purchase = buildPurchase(terms, entity, { userId, stripeCustomerId, emailHash, locale: language }, request, options)
    const inserted = await insertPurchase(db, purchase)
    // The context has changed since it was read, so the next attempt reads it again. `owned`: the user now has access. `taken`: another
    // purchase is open or blocks this one. Null: the entity was deleted or canceled, or its type has changed.
    if (inserted === 'owned' || inserted === 'taken' || inserted === null) return null
    const [checkout] = await Promise.all([issueCheckout(inserted, stripeCustomerId), updateCustomer()])
    return checkout ?? closeCheckout(inserted)
  }

  return async (input, user) => {
    if (!isReturnUrlAllowed(input.returnUrl)) throw new ApiError('return_url_not_allowed', { field: 'returnUrl' })
    const request = { input, allowDiscount: createDiscountLookup(stripe.findPromotionCode, input.promotionCode) }
    const deadline = Date.now() + createTimeoutMs
    const attemptUntilDeadline = async (): Promise<CreateResult> => {
      for (let count = 0; Date.now() < deadline; count++) {
        if (count >= immediateAttempts) await setTimeout(retryDelayMs(count - immediateAttempts))
        const result = await attempt(request, user)
        if (result) return result
      }
      throw new ApiError('checkout_unavailable')
    }
    // Further attempts run in turn. Otherwise concurrent calls for different products would keep closing each other's checkouts.
    const create = async (): Promise<CreateResult> =>
      (await attempt(request, user)) ?? inTurn(JSON.stringify([user.id, input.entityId]), attemptUntilDeadline)
    // After a timeout, the current step continues in the background, and the next create call finds the step's result.
    return await withTimeout(createTimeoutMs, create(), () => new ApiError('checkout_unavailable'))
  }
}
