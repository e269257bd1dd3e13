/**
 * Every name and message between the server, the workflows and the activities. Messages are small and hold no secret: they are kept in
 * the workflow's history.
 */
import type { Snapshot } from '@pay-to-view/purchase'
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'
import type { PurchaseView, RefundOutcome, RefundRequest } from './types.ts'

export const defaultTaskQueue = 'pay-to-view'

/** The type of the purchase workflow; its id is the purchase's. It is started with that id alone; a run hands on to the next what it still has to ask Stripe. */
export const purchaseWorkflow = 'purchase'

/** The purchase workflow, as it is started: with the id of its purchase. */
export type PurchaseWorkflow = (id: string) => Promise<void>

/** The workflow that a Schedule starts to compare Stripe's events with the ledger. */
export const reconcileWorkflow = 'reconcile'
export const reconcileSchedule = 'pay-to-view-reconcile'

/** With every message to a workflow: who sends it. A map of texts (see request-context.ts); never a secret, it is kept in the history. */
export const requestContextHeader = 'pay-to-view-cause'

/** Each is a Keyword. docs/operations.md shows queries with them. */
export const searchAttributes = {
  status: defineSearchAttributeKey('PurchaseStatus', SearchAttributeType.KEYWORD),
  userId: defineSearchAttributeKey('UserId', SearchAttributeType.KEYWORD),
  entityId: defineSearchAttributeKey('EntityId', SearchAttributeType.KEYWORD),
  productId: defineSearchAttributeKey('PayToViewProductId', SearchAttributeType.KEYWORD),
}

/** What an event of Stripe's says; `eventId` is null where the reconciler noticed something without one. `ask` names the payment intent about which the purchase has to ask Stripe, null when it has not. */
export interface StripeEventMessage {
  eventId: string | null
  snapshots: Snapshot[]
  refresh: { paymentIntentId: string } | null
}

/** How an attempt ended, or why it cannot be closed: then it is paid, or the payment is under way, or the operator has to look. */
export interface CloseCheckoutResult {
  status: PurchaseView['status']
  hasAccess: boolean
  processing: boolean
  mismatch: boolean
}

/** An operator takes a payment that is not what was quoted for good. */
export interface AcceptPaymentInput {
  by: string
  reason: string | null
}

export type AcceptPaymentResult = Pick<PurchaseView, 'status' | 'hasAccess'> | { rejected: 'nothing_to_accept' }

/** Tells a purchase what Stripe said. Sent with signalWithStart: nobody waits for it. */
export const stripeEvent = defineSignal<[StripeEventMessage]>('stripeEvent')

/** Closes the checkout at Stripe, so that another attempt may be made. */
export const closeCheckout = defineUpdate<CloseCheckoutResult, []>('closeCheckout')

/** Refunds a purchase; answers when Stripe has taken the refund, or with the code of the refusal. The update's id is the request's. */
export const refund = defineUpdate<RefundOutcome, [RefundRequest]>('refund')

/** Gives access for a payment that is not what was quoted. */
export const acceptPayment = defineUpdate<AcceptPaymentResult, [AcceptPaymentInput]>('acceptPayment')

/** The purchase as its workflow knows it; null until it has looked. */
export const state = defineQuery<PurchaseView | null>('state')

/** The type of the failure of an update whose workflow cannot reach Stripe for so long that it goes on in a new run: ask again. */
export const stripeUnavailableErrorType = 'StripeUnavailable'
