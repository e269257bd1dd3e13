import { nextDeadline } from '@pay-to-view/purchase/lifecycle'
import { type StripeEventMessage, updateFailureTypes } from '@pay-to-view/workflow-client/messages'
import type { ChangeCause, PurchaseView } from '@pay-to-view/workflow-client/types'
import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  log,
  setCurrentDetails,
  TemporalFailure,
  type Trigger,
  workflowInfo,
} from '@temporalio/workflow'
import {
  applyFacts,
  executeRefund,
  expireCheckout,
  failureType,
  isRetryable,
  isUnexpected,
  loadPurchase,
  type PermanentFailure,
  recordRefundRequest,
  refreshFromStripe,
} from './activity-proxies.ts'
import { attempt, reportFailure, reportMissingPurchase, setEventsAside, updateFailure } from './permanent-failures.ts'
import type { PurchaseState } from './purchase-state.ts'
import { describeRetry, timerSummaries } from './ui-texts.ts'

// The steps of the main loop in purchase.ts.

/** The delay before an ambiguous dispute is retrieved again. */
const disputeRecheckDelayMs = 2_000

/** The delay before an unreadable purchase is loaded again. */
const unreadablePurchaseDelayMs = 600_000

/** The number of consecutive Stripe calls that may fail for an unknown reason. With the delays below, they take about 9 minutes. */
const maxUnexpectedFailures = 10

/** The delay after the given number of consecutive failures. */
const stripeBackoffMs = (failures: number): number => Math.min(300_000, 1_000 * 2 ** failures)

const eventIdsOf = (events: Pick<StripeEventMessage, 'eventId'>[]): string[] =>
  events.flatMap(({ eventId }) => (eventId === null ? [] : [eventId]))

const causeOf = (eventIds: string[]): ChangeCause => (eventIds.length > 0 ? { kind: 'event', eventIds } : { kind: 'reconcile' })

/**
 * Runs an activity that calls Stripe. Returns null if the call failed and has to be retried later. After `maxUnexpectedFailures`
 * consecutive failures for an unknown reason, the failure counts as permanent.
 */
const attemptAtStripe = async <T>(
  state: PurchaseState,
  activity: () => Promise<T>,
): Promise<{ result: T } | { failure: PermanentFailure } | null> => {
  try {
    const outcome = await attempt(activity)
    state.stripeFailures = 0
    state.unexpectedFailures = 0
    return outcome
  } catch (error) {
    if (!isRetryable(error)) throw error
    state.unexpectedFailures = isUnexpected(error) ? state.unexpectedFailures + 1 : 0
    if (state.unexpectedFailures >= maxUnexpectedFailures) {
      state.unexpectedFailures = 0
      return { failure: { type: failureType(error), message: error.cause?.message ?? error.message } }
    }
    state.retryAt = Date.now() + stripeBackoffMs(state.stripeFailures++)
    if (state.view) setCurrentDetails(describeRetry(state.view, failureType(error)))
    return null
  }
}

const closeAtStripe = (state: PurchaseState, kind: 'user_restarted' | 'deadline' | 'workflow_canceled'): Promise<PurchaseView> =>
  expireCheckout({ id: state.id, cause: { kind } })

const refreshForDeadline = (state: PurchaseState): Promise<PurchaseView> =>
  refreshFromStripe({ id: state.id, snapshots: [], cause: { kind: 'deadline' }, paymentIntentId: null })

/** Returns the view of the purchase, which a new run loads first. Null if the purchase is unreadable; no update can then be processed. */
export const currentView = async (state: PurchaseState): Promise<PurchaseView | null> => {
  if (state.view) return state.view
  const loaded = await attempt(() => loadPurchase(state.id))
  if ('result' in loaded) return state.updateView(loaded.result)
  await reportFailure(state, 'loadPurchase', loaded.failure)
  state.rejectUpdates(updateFailure(loaded.failure))
  return null
}

export const waitForReadablePurchase = async (state: PurchaseState): Promise<void> => {
  const summary = timerSummaries.unreadablePurchase
  const hasMessages = (): boolean => state.hasPendingMessages() || state.pendingCloseRequests.length > 0
  await condition(hasMessages, unreadablePurchaseDelayMs, { summary })
}

/**
 * Applies events. Returns their permanent failure, or null if they were applied. An event that requires a refresh counts as applied only
 * after the refresh.
 */
const applyEvents = async (state: PurchaseState, events: StripeEventMessage[]): Promise<PermanentFailure | null> => {
  const snapshots = events.flatMap((event) => event.snapshots)
  const eventIds = eventIdsOf(events.filter((event) => !event.refresh))
  if (snapshots.length === 0 && eventIds.length === 0) return null
  const cause = causeOf(eventIdsOf(events))
  const applied = await attempt(() => applyFacts({ id: state.id, snapshots, cause, eventIds }))
  if ('failure' in applied) return applied.failure
  state.updateView(applied.result)
  return null
}

/** Applies all queued events together. After a permanent failure, applies them one by one and sets aside each event that fails again. */
export const applyFactBatch = async (state: PurchaseState): Promise<void> => {
  const { paymentsToRefresh } = state
  const events = state.stripeEvents.splice(0)
  for (const { refresh, eventId } of events) {
    if (!refresh) continue
    const eventIds = paymentsToRefresh.get(refresh.paymentIntentId) ?? []
    paymentsToRefresh.set(refresh.paymentIntentId, [...eventIds, ...eventIdsOf([{ eventId }])])
  }
  const batchFailure = await applyEvents(state, events)
  if (batchFailure === null) return
  for (const event of events) {
    const failure = events.length === 1 ? batchFailure : await applyEvents(state, [event])
    // The refresh will fetch the same facts again, and set the event aside if they still cannot be applied.
    if (failure === null || event.refresh) continue
    await setEventsAside(state, 'applyFacts', { eventIds: eventIdsOf([event]), snapshots: event.snapshots }, failure)
  }
}

const workflowEnded = (message: string): ApplicationFailure =>
  ApplicationFailure.create({ message, type: updateFailureTypes.workflowEnded })

/** Runs an activity for an update that is no longer in a queue. If the activity's failure ends the run, the update fails first. */
const attemptForUpdate = async <T, Result>(
  result: Trigger<Result>,
  activity: () => Promise<T>,
): ReturnType<typeof attempt<T>> => {
  try {
    return await attempt(activity)
  } catch (error) {
    result.reject(workflowEnded('The workflow ended before the update had an outcome'))
    throw error
  }
}

export const recordRefund = async (
  state: PurchaseState,
  { input: request, result }: PurchaseState['pendingRefunds'][number],
): Promise<void> => {
  const { requestId } = request
  const recorded = await attemptForUpdate(result, () => recordRefundRequest({ id: state.id, request }))
  if ('failure' in recorded) {
    await reportFailure(state, 'recordRefundRequest', recorded.failure)
    return result.reject(updateFailure(recorded.failure))
  }
  const { outcome, view } = recorded.result
  state.updateView(view)
  state.abandonedRefunds.delete(requestId)
  if (outcome) result.resolve(outcome)
  else state.refundWaiters.set(requestId, [...(state.refundWaiters.get(requestId) ?? []), result])
}

export const acceptMismatchedPayment = async (
  state: PurchaseState,
  { input: { by, reason }, result }: PurchaseState['pendingAcceptances'][number],
  { mismatch, settlementId }: PurchaseView,
): Promise<void> => {
  if (mismatch === null || settlementId === null) return result.resolve({ rejected: 'nothing_to_accept' })
  const snapshots = [{ kind: 'acceptance' as const, id: settlementId, by, observedAt: Math.floor(Date.now() / 1000) }]
  const cause = { kind: 'payment_accepted' as const, by, reason }
  const applied = await attemptForUpdate(result, () => applyFacts({ id: state.id, snapshots, cause }))
  if ('failure' in applied) {
    await reportFailure(state, 'applyFacts', applied.failure)
    return result.reject(updateFailure(applied.failure))
  }
  const { status, hasAccess } = state.updateView(applied.result)
  result.resolve({ status, hasAccess })
}

/**
 * Returns the id of a refund request that has not been executed, or of a request whose senders are still waiting because its stored
 * outcome was lost with an activity's result.
 */
export const nextUnansweredRefund = (
  { abandonedRefunds, refundWaiters }: PurchaseState,
  view: PurchaseView,
): string | undefined =>
  view.pendingRefundRequestIds.find((requestId) => !abandonedRefunds.has(requestId)) ?? refundWaiters.keys().next().value

export const waitForStripeRetry = async (state: PurchaseState): Promise<void> => {
  const summary = timerSummaries.stripeRetry
  await condition(() => state.hasPendingMessages(), state.retryAt - Date.now(), { summary })
}

export const resolveCloseRequests = async (state: PurchaseState, view: PurchaseView): Promise<void> => {
  const closed =
    view.status === 'Pending' ? await attemptAtStripe(state, () => closeAtStripe(state, 'user_restarted')) : { result: view }
  if (!closed) return
  if ('failure' in closed) {
    await reportFailure(state, 'expireCheckout', closed.failure)
    for (const request of state.pendingCloseRequests.splice(0)) request.reject(updateFailure(closed.failure))
    return
  }
  const { status, hasAccess, processing, mismatch } = state.updateView(closed.result)
  for (const request of state.pendingCloseRequests.splice(0))
    request.resolve({ status, hasAccess, processing, mismatch: mismatch !== null })
}

/** Retrieves a payment, or all checkouts of the purchase if `paymentIntentId` is null. */
export const refreshPayment = async (state: PurchaseState, paymentIntentId: string | null, eventIds: string[]): Promise<void> => {
  const input = { id: state.id, snapshots: [], cause: causeOf(eventIds), eventIds, paymentIntentId }
  const refreshed = await attemptAtStripe(state, () => refreshFromStripe(input))
  if (!refreshed) return
  state.paymentsToRefresh.delete(paymentIntentId)
  if ('result' in refreshed) state.updateView(refreshed.result)
  else await setEventsAside(state, 'refreshFromStripe', { eventIds, snapshots: [] }, refreshed.failure)
}

export const executeRecordedRefund = async (state: PurchaseState, requestId: string): Promise<void> => {
  const executed = await attemptAtStripe(state, () => executeRefund({ id: state.id, requestId }))
  if (!executed) return
  const waiters = state.refundWaiters.get(requestId) ?? []
  state.refundWaiters.delete(requestId)
  if ('failure' in executed) {
    state.abandonedRefunds.add(requestId)
    for (const waiter of waiters) waiter.reject(updateFailure(executed.failure))
    return reportFailure(state, 'executeRefund', executed.failure)
  }
  state.updateView(executed.result.view)
  for (const waiter of waiters) waiter.resolve(executed.result.outcome)
}

/** Retrieves all payments, because the dispute may concern a payment that does not settle the checkout. */
export const recheckDispute = async (state: PurchaseState): Promise<void> => {
  const delay = Math.max(disputeRecheckDelayMs, state.retryAt - Date.now())
  if (await condition(() => state.hasWork(), delay, { summary: timerSummaries.disputeRecheck })) return
  const refreshed = await attemptAtStripe(state, () => refreshForDeadline(state))
  if (!refreshed) return
  state.needsDisputeRecheck = false
  if ('result' in refreshed) state.updateView(refreshed.result)
  else await reportFailure(state, 'refreshFromStripe', refreshed.failure)
}

/** Waits for the next deadline, or acts on it if it has passed. Returns true if the workflow has no deadline left. */
export const waitForDeadline = async (state: PurchaseState, view: PurchaseView): Promise<boolean> => {
  const deadline = nextDeadline(view, { checkoutDeadline: view.checkoutDeadline, lastRefreshedAt: state.lastRefreshedAt })
  if (!deadline) return true
  const delay = Math.max(deadline.at, deadline.kind === 'dispute_window_end' ? 0 : state.retryAt) - Date.now()
  if (delay > 0) {
    const summary = timerSummaries[deadline.kind]
    await condition(() => state.hasWork() || workflowInfo().continueAsNewSuggested, delay, { summary })
    return false
  }
  if (deadline.kind === 'dispute_window_end') return true
  const refreshed = await attemptAtStripe(state, () =>
    deadline.kind === 'checkout_expiry' ? closeAtStripe(state, 'deadline') : refreshForDeadline(state),
  )
  if (!refreshed) return false
  state.lastRefreshedAt = Date.now()
  if ('result' in refreshed) state.updateView(refreshed.result)
  else await reportFailure(state, deadline.kind === 'checkout_expiry' ? 'expireCheckout' : 'refreshFromStripe', refreshed.failure)
  return false
}

/** Fails the updates that are waiting for Stripe, so the run can continue as new. Recorded refund requests are executed by the next run. */
export const rejectPendingUpdates = async (state: PurchaseState): Promise<void> => {
  state.rejectStripeUpdates(
    ApplicationFailure.create({
      message: 'Stripe is unavailable. Retrying is safe.',
      type: updateFailureTypes.stripeUnavailable,
    }),
  )
  await condition(() => allHandlersFinished() || state.hasPendingMessages() || state.pendingCloseRequests.length > 0)
}

/**
 * Ends a workflow that an operator canceled. Its updates fail with an unknown outcome, and the checkout is closed: nobody should pay for a
 * purchase without a workflow. If Stripe is unavailable, the reconciler closes the checkout after its deadline.
 */
export const endAfterCancellation = (state: PurchaseState): Promise<void> =>
  CancellationScope.nonCancellable(async () => {
    state.endUpdates(workflowEnded('The workflow was canceled. The request may have been executed, or may still be executed.'))
    try {
      const { status } = state.view ?? (await loadPurchase(state.id))
      if (status === 'Pending') state.updateView(await closeAtStripe(state, 'workflow_canceled'))
    } catch (error) {
      if (!(error instanceof TemporalFailure)) throw error
      log.warn('the checkout was not closed', { reason: failureType(error) })
    }
    await condition(() => allHandlersFinished())
  })

/** Ends the workflow of a purchase that is not in the database, because nothing can be done for it. */
export const endWithoutPurchase = async (state: PurchaseState): Promise<void> => {
  state.endUpdates(workflowEnded('The purchase does not exist'))
  await reportMissingPurchase(state)
  await condition(() => allHandlersFinished())
}
