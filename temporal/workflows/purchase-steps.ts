import { nextDeadline } from '@pay-to-view/purchase'
import { type StripeEventMessage, stripeUnavailableErrorType } from '@pay-to-view/workflow-client/messages'
import type { ChangeCause, PurchaseView } from '@pay-to-view/workflow-client/types'
import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow'
import {
  applyFacts,
  executeRefund,
  expireCheckout,
  failureType,
  isRetryable,
  loadPurchase,
  recordRefundRequest,
  refreshFromStripe,
} from './activity-proxies.ts'
import type { PurchaseState } from './purchase-state.ts'
import { describeRetry, timerSummaries } from './ui-texts.ts'

// The steps of the main loop in purchase.ts.

/** Delay before an ambiguous dispute is retrieved again. */
const disputeRecheckDelayMs = 2_000

/** Delay after the nth failure in a row. */
const stripeBackoffMs = (failures: number): number => Math.min(300_000, 1_000 * 2 ** failures)

const eventIdsOf = (events: Pick<StripeEventMessage, 'eventId'>[]): string[] =>
  events.flatMap(({ eventId }) => (eventId === null ? [] : [eventId]))

const causeOf = (eventIds: string[]): ChangeCause => (eventIds.length > 0 ? { kind: 'event', eventIds } : { kind: 'reconcile' })

/** Runs an activity that calls Stripe. Returns null if it failed and has to be retried later; the status is never guessed. */
const tryStripeActivity = async <T>(state: PurchaseState, activity: () => Promise<T>): Promise<T | null> => {
  try {
    const result = await activity()
    state.stripeFailures = 0
    return result
  } catch (error) {
    if (!isRetryable(error)) throw error
    state.retryAt = Date.now() + stripeBackoffMs(state.stripeFailures++)
    if (state.view) setCurrentDetails(describeRetry(state.view, failureType(error)))
    return null
  }
}

const closeAtStripe = (state: PurchaseState, kind: 'user_restarted' | 'deadline' | 'workflow_canceled'): Promise<PurchaseView> =>
  expireCheckout({ id: state.id, cause: { kind } })

const refreshForDeadline = (state: PurchaseState): Promise<PurchaseView> =>
  refreshFromStripe({ id: state.id, snapshots: [], cause: { kind: 'deadline' }, paymentIntentId: null })

/** Returns the view of the purchase; a new run loads it first. */
export const currentView = async (state: PurchaseState): Promise<PurchaseView> =>
  state.view ?? state.updateView(await loadPurchase(state.id))

/** Applies all queued events at once. An event that requires a refresh counts as applied only after the refresh. */
export const applyFactBatch = async (state: PurchaseState): Promise<void> => {
  const { id, paymentsToRefresh } = state
  const events = state.stripeEvents.splice(0)
  for (const { refresh, eventId } of events) {
    if (!refresh) continue
    const eventIds = paymentsToRefresh.get(refresh.paymentIntentId) ?? []
    paymentsToRefresh.set(refresh.paymentIntentId, [...eventIds, ...eventIdsOf([{ eventId }])])
  }
  const snapshots = events.flatMap((event) => event.snapshots)
  const eventIds = eventIdsOf(events.filter((event) => !event.refresh))
  if (snapshots.length > 0 || eventIds.length > 0)
    state.updateView(await applyFacts({ id, snapshots, cause: causeOf(eventIdsOf(events)), eventIds }))
}

export const recordRefund = async (
  state: PurchaseState,
  { input: request, result }: PurchaseState['pendingRefunds'][number],
): Promise<void> => {
  const { outcome, view } = await recordRefundRequest({ id: state.id, request })
  state.updateView(view)
  if (outcome) result.resolve(outcome)
  else state.refundWaiters.set(request.requestId, [...(state.refundWaiters.get(request.requestId) ?? []), result])
}

export const acceptMismatchedPayment = async (
  state: PurchaseState,
  { input: { by, reason }, result }: PurchaseState['pendingAcceptances'][number],
  { mismatch, paymentIntentId }: PurchaseView,
): Promise<void> => {
  if (mismatch === null || paymentIntentId === null) return result.resolve({ rejected: 'nothing_to_accept' })
  const snapshots = [{ kind: 'acceptance' as const, id: paymentIntentId, by, observedAt: Math.floor(Date.now() / 1000) }]
  const cause = { kind: 'payment_accepted' as const, by, reason }
  const { status, hasAccess } = state.updateView(await applyFacts({ id: state.id, snapshots, cause }))
  result.resolve({ status, hasAccess })
}

/**
 * Returns the id of a refund request that has not been executed, or of one whose outcome is stored but was lost with an activity's result,
 * so that its senders still wait.
 */
export const nextUnansweredRefund = (state: PurchaseState, view: PurchaseView): string | undefined =>
  view.pendingRefundRequestIds[0] ?? state.refundWaiters.keys().next().value

export const waitForStripeRetry = async (state: PurchaseState): Promise<void> => {
  const summary = timerSummaries.stripeRetry
  await condition(() => state.hasPendingMessages(), state.retryAt - Date.now(), { summary })
}

export const resolveCloseRequests = async (state: PurchaseState, view: PurchaseView): Promise<void> => {
  const closed = view.status === 'Pending' ? await tryStripeActivity(state, () => closeAtStripe(state, 'user_restarted')) : view
  if (!closed) return
  const { status, hasAccess, processing, mismatch } = state.updateView(closed)
  for (const request of state.pendingCloseRequests.splice(0))
    request.resolve({ status, hasAccess, processing, mismatch: mismatch !== null })
}

export const refreshPayment = async (state: PurchaseState, paymentIntentId: string, eventIds: string[]): Promise<void> => {
  const input = { id: state.id, snapshots: [], cause: causeOf(eventIds), eventIds, paymentIntentId }
  const view = await tryStripeActivity(state, () => refreshFromStripe(input))
  if (!view) return
  state.paymentsToRefresh.delete(paymentIntentId)
  state.updateView(view)
}

export const executeRecordedRefund = async (state: PurchaseState, requestId: string): Promise<void> => {
  const executed = await tryStripeActivity(state, () => executeRefund({ id: state.id, requestId }))
  if (!executed) return
  state.updateView(executed.view)
  for (const waiter of state.refundWaiters.get(requestId) ?? []) waiter.resolve(executed.outcome)
  state.refundWaiters.delete(requestId)
}

/** Retrieves all payments: the dispute may concern one that does not count. */
export const recheckDispute = async (state: PurchaseState): Promise<void> => {
  const delay = Math.max(disputeRecheckDelayMs, state.retryAt - Date.now())
  if (await condition(() => state.hasWork(), delay, { summary: timerSummaries.disputeRecheck })) return
  const view = await tryStripeActivity(state, () => refreshForDeadline(state))
  if (!view) return
  state.needsDisputeRecheck = false
  state.updateView(view)
}

/** Waits for the next deadline, or acts on it once it has passed. Returns true if the workflow has none left. */
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
  const refreshed = await tryStripeActivity(state, () =>
    deadline.kind === 'checkout_expiry' ? closeAtStripe(state, 'deadline') : refreshForDeadline(state),
  )
  if (!refreshed) return false
  state.lastRefreshedAt = Date.now()
  state.updateView(refreshed)
  return false
}

/** Fails the updates that wait for Stripe, so that the run can continue as new. Recorded refund requests are executed by the next run. */
export const rejectPendingUpdates = async (state: PurchaseState): Promise<void> => {
  const failure = ApplicationFailure.create({
    message: 'Stripe is unavailable. Retrying is safe.',
    type: stripeUnavailableErrorType,
  })
  const waiters = [...state.pendingCloseRequests.splice(0), ...[...state.refundWaiters.values()].flat()]
  state.refundWaiters.clear()
  for (const waiter of waiters) waiter.reject(failure)
  await condition(() => allHandlersFinished() || state.hasPendingMessages() || state.pendingCloseRequests.length > 0)
}

/** After an operator canceled the workflow. Nobody may pay for a checkout that has no workflow. */
export const closeAfterCancellation = (state: PurchaseState): Promise<void> =>
  CancellationScope.nonCancellable(async () => {
    const { status } = state.view ?? (await loadPurchase(state.id))
    if (status === 'Pending') state.updateView(await closeAtStripe(state, 'workflow_canceled'))
  })
