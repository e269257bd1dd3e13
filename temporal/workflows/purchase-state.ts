import {
  type AcceptPaymentInput,
  type AcceptPaymentResult,
  type CloseCheckoutResult,
  type StripeEventMessage,
  searchAttributes,
} from '@pay-to-view/workflow-client/messages'
import type { PurchaseView, RefundOutcome, RefundRequest } from '@pay-to-view/workflow-client/types'
import { type ApplicationFailure, setCurrentDetails, type Trigger, upsertSearchAttributes } from '@temporalio/workflow'
import { completeView } from './earlier-views.ts'
import { describePurchase } from './ui-texts.ts'

/** The state that a run passes to the next one. All other state is in the database. */
export interface ContinueAsNewState {
  paymentsToRefresh: [paymentIntentId: string | null, eventIds: string[]][]
  needsDisputeRecheck: boolean
}

/** An update that the main loop has not processed yet. Its sender is waiting for the result. */
export interface PendingUpdate<Input, Result> {
  input: Input
  result: Trigger<Result>
}

/** A message or an argument that the workflow does not accept, and why. */
export interface MalformedMessage {
  name: string
  problem: string
}

/** The state of one run: unprocessed messages, the last view of the purchase, and the state of its calls to Stripe. */
export class PurchaseState {
  readonly id: string
  readonly stripeEvents: StripeEventMessage[] = []
  readonly pendingRefunds: PendingUpdate<RefundRequest, RefundOutcome>[] = []
  readonly pendingAcceptances: PendingUpdate<AcceptPaymentInput, AcceptPaymentResult>[] = []
  readonly pendingCloseRequests: Trigger<CloseCheckoutResult>[] = []
  /** Malformed messages that have not been reported to the operator yet. */
  readonly malformedMessages: MalformedMessage[] = []
  /**
   * The payment intents to retrieve from Stripe (null for all checkouts of the purchase), each with the ids of the events that require it.
   */
  readonly paymentsToRefresh: Map<string | null, string[]>
  /** Senders that are waiting for a recorded refund request, by request id. */
  readonly refundWaiters = new Map<string, Trigger<RefundOutcome>[]>()
  /** Recorded refund requests that failed permanently. They are executed again when they are requested again, or by the next run. */
  readonly abandonedRefunds = new Set<string>()
  /** The number of consecutive failed calls to Stripe. */
  stripeFailures = 0
  /** The number of consecutive calls to Stripe that failed for an unknown reason. */
  unexpectedFailures = 0
  /** The time at which Stripe may be called again, in milliseconds since the epoch. */
  retryAt = 0
  /** The time at which a deadline last caused a refresh, in milliseconds since the epoch. */
  lastRefreshedAt: number | null = null
  /** Whether two snapshots of a dispute are from the same second on Stripe's clock, so only Stripe knows which is newer. */
  needsDisputeRecheck: boolean
  view: PurchaseView | null = null
  /** Set when the run ends. Updates that arrive later fail with this failure. */
  endFailure: ApplicationFailure | null = null

  constructor(id: string, previous: ContinueAsNewState | undefined) {
    this.id = id
    this.paymentsToRefresh = new Map(previous?.paymentsToRefresh)
    this.needsDisputeRecheck = previous?.needsDisputeRecheck ?? false
  }

  /** Whether there are messages that can be processed without Stripe. */
  hasPendingMessages(): boolean {
    const { stripeEvents, pendingRefunds, pendingAcceptances, malformedMessages } = this
    return stripeEvents.length + pendingRefunds.length + pendingAcceptances.length + malformedMessages.length > 0
  }

  hasWork(): boolean {
    return this.hasPendingMessages() || this.pendingCloseRequests.length + this.paymentsToRefresh.size > 0
  }

  /** Stores the view that an activity returned and shows it in the Temporal UI. */
  updateView(returned: PurchaseView): PurchaseView {
    const view = completeView(returned)
    if (view.status !== this.view?.status) upsertSearchAttributes([{ key: searchAttributes.status, value: view.status }])
    setCurrentDetails(describePurchase(view))
    this.needsDisputeRecheck ||= view.isAmbiguous
    this.view = view
    return view
  }

  /** Fails the updates that are waiting for Stripe. Recorded refund requests are still executed later. */
  rejectStripeUpdates(failure: ApplicationFailure): void {
    const waiters = [...this.pendingCloseRequests.splice(0), ...[...this.refundWaiters.values()].flat()]
    this.refundWaiters.clear()
    for (const waiter of waiters) waiter.reject(failure)
  }

  /** Fails every update that has no result yet. */
  rejectUpdates(failure: ApplicationFailure): void {
    this.rejectStripeUpdates(failure)
    for (const { result } of [...this.pendingRefunds.splice(0), ...this.pendingAcceptances.splice(0)]) result.reject(failure)
  }

  /** Fails every update that has no result yet, and updates that arrive before the run has ended. */
  endUpdates(failure: ApplicationFailure): void {
    this.endFailure = failure
    this.rejectUpdates(failure)
  }

  toContinueAsNew(): ContinueAsNewState {
    return { paymentsToRefresh: [...this.paymentsToRefresh], needsDisputeRecheck: this.needsDisputeRecheck }
  }
}
