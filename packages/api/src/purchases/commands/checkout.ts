import {
  alertCheckoutRejected,
  attachCheckout,
  type Db,
  type OpenPurchase,
  readOpenCheckout,
  replaceCustomer,
} from '@pay-to-view/db'
import { truncate } from '@pay-to-view/purchase'
import {
  type Checkout,
  type CheckoutOptions,
  isDefiniteRejection,
  isMissingCustomer,
  isPromotionCodeRejection,
  type StripeGateway,
  storedCheckoutRequest,
} from '@pay-to-view/stripe'
import { addCorrelationIds } from '@pay-to-view/telemetry'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import { UpdateUnconfirmed } from '@pay-to-view/workflow-client/errors'
import type { CloseCheckoutResult } from '@pay-to-view/workflow-client/messages'
import type { WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import { ApiError } from '../../errors.ts'
import { promotionCodeError } from './promotion-code.ts'
import type { CreateResult } from './types.ts'

export interface CheckoutDeps {
  db: Db
  stripe: StripeGateway
  purchases: PurchaseClient
  checkoutOptions: CheckoutOptions
}

/** The maximum length of Stripe's explanation in an alert. */
const maxMessageLength = 500

const concurrentCheckoutTimeoutMs = 3_000
const concurrentCheckoutPollMs = 25

/** How long closing is retried. A canceled workflow closes the checkout itself, and its updates fail until the workflow has ended. */
const closeRetryTimeoutMs = 10_000
const closeRetryDelayMs = 300

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

const toStartInput = (purchase: OpenPurchase): WorkflowStartInput => ({
  ...purchase,
  status: 'Pending',
  title: purchase.entity.title,
})

/** Creates, returns and closes the checkout of an open purchase. */
export const createCheckouts = ({ db, stripe, purchases, checkoutOptions: { site } }: CheckoutDeps) => {
  /** Waits for a concurrent request that may be creating the checkout of this purchase. Returns null if the purchase is no longer open. */
  const awaitConcurrentCheckout = async <T extends OpenPurchase>(purchase: T): Promise<T | null> => {
    for (let waitedMs = 0; waitedMs < concurrentCheckoutTimeoutMs; waitedMs += concurrentCheckoutPollMs) {
      const current = await readOpenCheckout(db, purchase.id)
      if (current === null) return null
      if (current.sessionId !== null) return { ...purchase, ...current }
      await sleep(concurrentCheckoutPollMs)
    }
    return purchase
  }

  /** Starts the workflow and creates the checkout session. Returns null if the purchase has to be closed and created again. */
  const createCheckout = async (purchase: OpenPurchase): Promise<Checkout | 'rejected' | 'promotion_code_rejected' | null> => {
    const request = storedCheckoutRequest.parse(purchase.checkoutRequest)
    const [, checkout] = await Promise.all([
      purchases.start(toStartInput(purchase)),
      stripe.createCheckout(purchase.id, request).catch(async (error: unknown) => {
        if (!isDefiniteRejection(error)) throw error
        // The customer no longer exists in Stripe, so the next purchase needs a new customer.
        if (isMissingCustomer(error)) {
          const customer = await stripe.createCustomer({ userId: purchase.userId, site }, request.customer)
          await replaceCustomer(db, purchase.userId, request.customer, customer)
          return null
        }
        if (isPromotionCodeRejection(error, request)) return 'promotion_code_rejected' as const
        await alertCheckoutRejected(db, purchase, {
          code: error.code ?? error.type,
          param: error.param ?? null,
          message: truncate(error.message, maxMessageLength, 'utf16'),
        })
        return 'rejected' as const
      }),
    ])
    if (checkout === null || typeof checkout === 'string') return checkout
    if (await attachCheckout(db, purchase.id, checkout.sessionId)) return checkout
    await stripe.expireCheckout(checkout.sessionId)
    return null
  }

  const findOrCreateCheckout = async (purchase: OpenPurchase): ReturnType<typeof createCheckout> => {
    if (purchase.sessionId === null) return createCheckout(purchase)
    const checkout = await stripe.fetchCheckout(purchase.sessionId)
    return checkout?.isOpen ? checkout : null
  }

  /**
   * Closes the checkout, and repeats the update if the workflow ended before it returned a result: closing twice is harmless. Returns null
   * if the result is still unknown at the deadline.
   */
  const closeAtWorkflow = async (purchase: OpenPurchase): Promise<CloseCheckoutResult | null> => {
    const deadline = Date.now() + closeRetryTimeoutMs
    for (;;) {
      try {
        return await purchases.closeCheckout(toStartInput(purchase))
      } catch (error) {
        if (!(error instanceof UpdateUnconfirmed)) throw error
        if (Date.now() > deadline) return null
        await sleep(closeRetryDelayMs)
      }
    }
  }

  /** Closes an open purchase. Returns the create call's result if closing determines it, or null if the create call has to try again. */
  const closeCheckout = async (purchase: OpenPurchase): Promise<CreateResult | null> => {
    addCorrelationIds({ purchaseId: purchase.id })
    const closed = await closeAtWorkflow(purchase)
    if (closed === null) return null
    const { hasAccess, processing, mismatch } = closed
    if (hasAccess) return { success: false, hasAccess: true }
    const { id: purchaseId } = purchase
    if (processing) return { success: false, hasAccess: false, purchaseId, reason: 'payment_processing' }
    if (mismatch) return { success: false, hasAccess: false, purchaseId, reason: 'payment_review' }
    return null
  }

  /** Returns the client secret of the purchase's open checkout, creating the checkout if needed; null if the checkout cannot be paid. */
  const issueCheckout = async (purchase: OpenPurchase, stripeCustomerId: string): Promise<CreateResult | null> => {
    const { id: purchaseId } = purchase
    addCorrelationIds({ purchaseId })
    const checkout = await findOrCreateCheckout(purchase)
    if (typeof checkout === 'string') {
      await closeCheckout(purchase)
      throw checkout === 'rejected' ? new ApiError('checkout_refused') : promotionCodeError('not_applicable')
    }
    if (checkout === null || checkout.clientSecret === null) return null
    return { success: true, hasAccess: false, purchaseId, clientSecret: checkout.clientSecret, stripeCustomerId }
  }

  return { awaitConcurrentCheckout, closeCheckout, issueCheckout }
}
