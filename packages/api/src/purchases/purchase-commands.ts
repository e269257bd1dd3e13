import {
  alertCheckoutRejected,
  attachCheckout,
  type CreateContext,
  type Db,
  insertPurchase,
  newPurchaseId,
  type OpenPurchase,
  readCreateContext,
  readOpenCheckout,
  readWorkflowStartInput,
  replaceCustomer,
} from '@pay-to-view/db'
import { checkoutLifetimeMs, isReusable } from '@pay-to-view/purchase'
import {
  buildCheckoutRequest,
  type Checkout,
  isDefiniteRejection,
  isMissingCustomer,
  type RedirectOnCompletion,
  type StripeGateway,
  storedCheckoutRequest,
} from '@pay-to-view/stripe'
import { addCorrelationIds, withTimeout } from '@pay-to-view/telemetry'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import { UnknownOutcomeError } from '@pay-to-view/workflow-client/errors'
import type { WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import { ApiError, type ErrorCode } from '../errors.ts'
import type { AcceptResult, CreateInput, CreateResult, PurchaseCommands, RefundInput, RefundResult } from './commands.ts'

export interface PurchaseCommandDeps {
  db: Db
  stripe: StripeGateway
  purchases: PurchaseClient
  redirect: RedirectOnCompletion
  /** Whether a page of this address may be returned to. */
  isReturnUrlAllowed: (returnUrl: string) => boolean
  /** Milliseconds in which create answers: longer than each of its steps, shorter than whoever waits for it. */
  createWithin?: number
}

/** Attempts that may end under our hands, one after the other, before we give up: each needs somebody else to act in between. */
const patience = 5

/** Milliseconds in which another request's attempt gets its checkout before we make it ourselves, and between two looks. */
const turn = { most: 3_000, look: 25 }

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

const starterOf = (attempt: OpenPurchase): WorkflowStartInput => ({ ...attempt, status: 'Pending', title: attempt.entity.title })

type Wanted = { product: NonNullable<CreateContext['product']>; entity: NonNullable<CreateContext['entity']> }

const wanted = ({ product, entity, offered }: CreateContext, input: CreateInput): Wanted => {
  if (!product) throw new ApiError('product_not_found', { field: 'payToViewProductId' })
  if (!entity) throw new ApiError('entity_not_found', { field: 'entityId' })
  if (!offered) {
    throw new ApiError('product_not_offered', {
      field: 'payToViewProductId',
      message: `Expected a product that is offered for ${input.entityId}: GET /client/v1/pay-to-view/products?entityId=${input.entityId} lists them`,
    })
  }
  if (!product.active) throw new ApiError('product_not_on_sale', { field: 'payToViewProductId' })
  return { product, entity }
}

export const createPurchaseCommands = ({
  db,
  stripe,
  purchases,
  redirect,
  isReturnUrlAllowed,
  createWithin = 25_000,
}: PurchaseCommandDeps): PurchaseCommands => {
  /** Another request may be making this attempt's checkout: waits a moment for it. */
  const whenTaken = async <T extends OpenPurchase>(attempt: T): Promise<T | null> => {
    for (let waited = 0; waited < turn.most; waited += turn.look) {
      const now = await readOpenCheckout(db, attempt.id)
      if (now === null) return null
      if (now.sessionId !== null) return { ...attempt, ...now }
      await pause(turn.look)
    }
    return attempt
  }

  /** The attempt's open checkout; null when it has none that can be paid, and `refused` when Stripe will make none for what it sells. */
  const checkoutOf = async (attempt: OpenPurchase): Promise<Checkout | 'refused' | null> => {
    addCorrelationIds({ purchaseId: attempt.id })
    if (attempt.sessionId !== null) {
      const checkout = await stripe.retrieveCheckout(attempt.sessionId)
      return checkout?.open ? checkout : null
    }
    const request = storedCheckoutRequest.parse(attempt.checkoutRequest)
    const [, checkout] = await Promise.all([
      purchases.start(starterOf(attempt)),
      stripe.createCheckout(attempt.id, request).catch(async (error: unknown) => {
        if (!isDefiniteRejection(error)) throw error
        // The next attempt is made for a customer that Stripe knows.
        if (isMissingCustomer(error)) {
          const customer = await stripe.createCustomer(attempt.userId, request.customer)
          await replaceCustomer(db, attempt.userId, request.customer, customer)
          return null
        }
        await alertCheckoutRejected(db, attempt, { code: error.code ?? error.type, param: error.param ?? null })
        return 'refused' as const
      }),
    ])
    if (checkout === null || checkout === 'refused') return checkout
    if (await attachCheckout(db, attempt.id, checkout.sessionId)) return checkout
    await stripe.expireCheckout(checkout.sessionId)
    return null
  }

  const handOut = async (attempt: OpenPurchase, stripeCustomerId: string): Promise<CreateResult | null> => {
    const checkout = await checkoutOf(attempt)
    if (checkout === 'refused') {
      await close(attempt)
      throw new ApiError('checkout_refused')
    }
    if (checkout === null || checkout.clientSecret === null) return null
    const { id: purchaseId } = attempt
    return { success: true, hasAccess: false, purchaseId, clientSecret: checkout.clientSecret, stripeCustomerId }
  }

  /** Closes an attempt; an answer where that ends the matter, null where the way is free for a new one. */
  const close = async (attempt: OpenPurchase): Promise<CreateResult | null> => {
    addCorrelationIds({ purchaseId: attempt.id })
    const { hasAccess, processing, mismatch } = await purchases.closeCheckout(starterOf(attempt))
    if (hasAccess) return { success: false, hasAccess: true }
    const { id: purchaseId } = attempt
    if (processing) return { success: false, hasAccess: false, purchaseId, reason: 'payment_processing' }
    if (mismatch) return { success: false, hasAccess: false, purchaseId, reason: 'payment_review' }
    return null
  }

  /** One round: an answer, or null when what was found has changed meanwhile and has to be looked at again. */
  const attemptOnce = async (input: CreateInput, userId: string): Promise<CreateResult | null> => {
    const situation = await readCreateContext(db, userId, input.payToViewProductId, input.entityId)
    const { product, entity } = wanted(situation, input)
    if (situation.hasAccess) return { success: false, hasAccess: true }
    if (situation.blockedBy !== null) {
      const { id: purchaseId, reason } = situation.blockedBy
      return { success: false, hasAccess: false, purchaseId, reason }
    }
    const stripeCustomerId = situation.stripeCustomerId ?? (await stripe.createCustomer(userId))
    if (situation.open) {
      const open = situation.open.sessionId === null ? await whenTaken(situation.open) : situation.open
      if (open === null) return null
      const returnUrl = redirect === 'never' ? null : input.returnUrl
      const reusable = isReusable(open, { ...product, productId: product.id, returnUrl }, new Date())
      return (reusable && (await handOut(open, stripeCustomerId))) || close(open)
    }
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
      }),
    })
    if (inserted === 'owned') return { success: false, hasAccess: true }
    if (inserted === 'taken') return null
    return (await handOut(inserted, stripeCustomerId)) ?? close(inserted)
  }

  return {
    create: async (input, user): Promise<CreateResult> => {
      if (!isReturnUrlAllowed(input.returnUrl)) throw new ApiError('return_url_not_allowed', { field: 'returnUrl' })
      const end = Date.now() + createWithin
      const rounds = async (): Promise<CreateResult> => {
        for (let round = 0; round < patience && Date.now() < end; round++) {
          const result = await attemptOnce(input, user.id)
          if (result) return result
        }
        throw new ApiError('checkout_unavailable')
      }
      // A step that is under way then goes on: the next create finds what it made.
      return await withTimeout(createWithin, rounds(), () => new ApiError('checkout_unavailable'))
    },

    refund: async ({ id, amount, reason, requestId }: RefundInput, by): Promise<RefundResult> => {
      addCorrelationIds({ purchaseId: id })
      const purchase = await readWorkflowStartInput(db, id)
      if (!purchase) throw new ApiError('purchase_not_found', { field: 'id' })
      const wish = { requestId: requestId ?? crypto.randomUUID(), amount: amount ?? null, reason: reason || null, by: by.id }
      const outcome = await purchases.refund(purchase, wish).catch((error: unknown) => {
        // All that is left is given back once, however often it is asked for. A part without a key of the caller's is another part each time.
        if (requestId !== undefined || amount === undefined || !(error instanceof UnknownOutcomeError)) throw error
        throw new ApiError('refund_unconfirmed', { field: 'requestId', message: `Expected ${wish.requestId}` })
      })
      if ('response' in outcome) return outcome.response
      throw new ApiError(
        refusals[outcome.rejected] ?? 'refund_refused',
        outcome.rejected === 'amount_too_large' ? { field: 'amount' } : {},
      )
    },

    accept: async ({ id, reason }, by): Promise<AcceptResult> => {
      addCorrelationIds({ purchaseId: id })
      const purchase = await readWorkflowStartInput(db, id)
      if (!purchase) throw new ApiError('purchase_not_found', { field: 'id' })
      const outcome = await purchases.acceptPayment(purchase, { by: by.id, reason: reason || null })
      if ('rejected' in outcome) throw new ApiError(outcome.rejected)
      return { success: true, purchaseId: id, ...outcome }
    },
  }
}

/** The codes of refusals that the API tells as they are; any other is Stripe's. */
const refusals: Record<string, ErrorCode> = {
  not_paid: 'not_paid',
  already_refunded: 'already_refunded',
  charged_back: 'charged_back',
  disputed: 'disputed',
  amount_too_large: 'amount_too_large',
  idempotency_conflict: 'idempotency_conflict',
  refund_failed: 'refund_failed',
}
