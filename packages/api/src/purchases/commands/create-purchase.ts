import { type CreateContext, insertPurchase, newPurchaseId, readCreateContext } from '@pay-to-view/db'
import { checkoutLifetimeMs, isReusable, rejectSale } from '@pay-to-view/purchase'
import { buildCheckoutRequest, type RedirectOnCompletion } from '@pay-to-view/stripe'
import { withTimeout } from '@pay-to-view/telemetry'
import { ApiError } from '../../errors.ts'
import { type CheckoutDeps, createCheckouts } from './checkout.ts'
import type { CreateInput, CreateResult, PurchaseCommands } from './types.ts'

export interface CreatePurchaseDeps extends CheckoutDeps {
  redirect: RedirectOnCompletion
  /** SITE_ID, in the metadata of every session. */
  site?: string | undefined
  isReturnUrlAllowed: (returnUrl: string) => boolean
  /** Longer than each step of create, shorter than the caller's own timeout. */
  createTimeoutMs?: number
}

/** Each further attempt needs a concurrent request that changed the open purchase in between. */
const maxAttempts = 5

type Purchasable = { product: NonNullable<CreateContext['product']>; entity: NonNullable<CreateContext['entity']> }

const requireOffered = ({ product, entity, offered, hasAccess, terms }: CreateContext, input: CreateInput): Purchasable => {
  if (!product) throw new ApiError('product_not_found', { field: 'payToViewProductId' })
  const isVisible = hasAccess || terms?.entity.status === 'published'
  if (!entity || !isVisible) throw new ApiError('entity_not_found', { field: 'entityId' })
  if (!offered) {
    throw new ApiError('product_not_offered', {
      field: 'payToViewProductId',
      message: `Expected a product that is offered for ${input.entityId}; GET /client/v1/pay-to-view/products?entityId=${encodeURIComponent(input.entityId)} lists them`,
    })
  }
  return { product, entity }
}

const requireOnSale = ({ terms }: CreateContext): void => {
  const rejection = terms && rejectSale(terms, new Date())
  if (!rejection) return
  if (rejection.rejected === 'not_published') throw new ApiError('entity_not_found', { field: 'entityId' })
  const field = rejection.subject === 'product' ? 'payToViewProductId' : 'entityId'
  if (rejection.rejected === 'not_on_sale') throw new ApiError('product_not_on_sale', { field, message: rejection.message })
  throw new ApiError('not_supported_yet', {
    field,
    message: `The ${rejection.subject} uses ${rejection.feature}, which is not supported yet`,
  })
}

/** Creates a purchase, or reuses the open one of the same user and entity. At most one purchase per user and entity is open. */
export const createPurchase = (deps: CreatePurchaseDeps): PurchaseCommands['create'] => {
  const { db, stripe, redirect, site, isReturnUrlAllowed, createTimeoutMs = 25_000 } = deps
  const { awaitConcurrentCheckout, closeCheckout, issueCheckout } = createCheckouts(deps)

  const reuseOrClose = async (
    open: NonNullable<CreateContext['open']>,
    product: Purchasable['product'],
    stripeCustomerId: string,
    requestedReturnUrl: string,
  ): Promise<CreateResult | null> => {
    const current = open.sessionId === null ? await awaitConcurrentCheckout(open) : open
    if (current === null) return null
    const returnUrl = redirect === 'never' ? null : requestedReturnUrl
    const reusable = isReusable(current, { ...product, productId: product.id, returnUrl }, new Date())
    return (reusable && (await issueCheckout(current, stripeCustomerId))) || closeCheckout(current)
  }

  /** Returns null if a concurrent change requires another attempt. */
  const attempt = async (input: CreateInput, userId: string): Promise<CreateResult | null> => {
    const context = await readCreateContext(db, userId, input.payToViewProductId, input.entityId)
    const { product, entity } = requireOffered(context, input)
    if (context.hasAccess) return { success: false, hasAccess: true }
    requireOnSale(context)
    if (context.blockedBy !== null) {
      const { id: purchaseId, reason } = context.blockedBy
      return { success: false, hasAccess: false, purchaseId, reason }
    }
    const stripeCustomerId = context.stripeCustomerId ?? (await stripe.createCustomer({ userId, site }))
    if (context.open) return reuseOrClose(context.open, product, stripeCustomerId, input.returnUrl)
    const id = newPurchaseId()
    const expiresAt = new Date(Date.now() + checkoutLifetimeMs)
    const inserted = await insertPurchase(db, {
      id,
      userId,
      entity,
      product,
      stripeCustomerId,
      checkoutDeadline: expiresAt,
      checkoutRequest: buildCheckoutRequest({
        purchaseId: id,
        product,
        entity,
        userId,
        stripeCustomerId,
        expiresAt,
        redirect,
        returnUrl: input.returnUrl,
        site,
      }),
    })
    if (inserted === 'owned') return { success: false, hasAccess: true }
    // The next attempt does not find a deleted entity, and reads a changed type.
    if (inserted === 'taken' || inserted === null) return null
    return (await issueCheckout(inserted, stripeCustomerId)) ?? closeCheckout(inserted)
  }

  return async (input, user) => {
    if (!isReturnUrlAllowed(input.returnUrl)) throw new ApiError('return_url_not_allowed', { field: 'returnUrl' })
    const deadline = Date.now() + createTimeoutMs
    const attemptUntilDeadline = async (): Promise<CreateResult> => {
      for (let count = 0; count < maxAttempts && Date.now() < deadline; count++) {
        const result = await attempt(input, user.id)
        if (result) return result
      }
      throw new ApiError('checkout_unavailable')
    }
    // After a timeout the current step continues, and the next create finds its result.
    return await withTimeout(createTimeoutMs, attemptUntilDeadline(), () => new ApiError('checkout_unavailable'))
  }
}
