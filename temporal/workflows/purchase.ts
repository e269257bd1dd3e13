import { purchaseIdOfWorkflow } from '@pay-to-view/purchase/workflow-ids'
import { allHandlersFinished, condition, continueAsNew, isCancellation, workflowInfo } from '@temporalio/workflow'
import { permanentFailureOf } from './activity-proxies.ts'
import { registerHandlers } from './message-handlers.ts'
import { problemOf, readArguments } from './message-validation.ts'
import { reportMalformedMessages } from './permanent-failures.ts'
import { type ContinueAsNewState, PurchaseState } from './purchase-state.ts'
import {
  acceptMismatchedPayment,
  applyFactBatch,
  currentView,
  endAfterCancellation,
  endWithoutPurchase,
  executeRecordedRefund,
  nextUnansweredRefund,
  recheckDispute,
  recordRefund,
  refreshPayment,
  rejectPendingUpdates,
  resolveCloseRequests,
  waitForDeadline,
  waitForReadablePurchase,
  waitForStripeRetry,
} from './purchase-steps.ts'

/**
 * The workflow of one purchase: from its checkout, through payment, refunds and disputes, to the end of the dispute window. Only this
 * workflow applies Stripe's facts to the purchase. Handlers queue messages; the main loop processes the most urgent work first.
 */
export async function purchase(id: string, previous?: ContinueAsNewState): Promise<void> {
  const args = readArguments(purchaseIdOfWorkflow(workflowInfo().workflowId), id, previous)
  const state = new PurchaseState(args.id, args.previous)
  state.malformedMessages.push(...args.malformed.map((value) => ({ name: 'argument', problem: problemOf(value) })))
  registerHandlers(state)
  try {
    for (;;) {
      const isFinished = await runNextStep(state)
      if (isFinished && isIdle(state)) return
      if (workflowInfo().continueAsNewSuggested) await continueAsNewWhenPossible(state)
      // The results of updates must be delivered before the run ends.
      if (isFinished && !state.hasWork()) await condition(() => state.hasWork() || allHandlersFinished())
    }
  } catch (error) {
    if (isCancellation(error)) await endAfterCancellation(state)
    else if (permanentFailureOf(error)) await endWithoutPurchase(state)
    throw error
  }
}

const isIdle = (state: PurchaseState): boolean => !state.hasWork() && allHandlersFinished()

/** Processes the most urgent work, or waits for new work. Returns true if there is nothing left to wait for. */
const runNextStep = async (state: PurchaseState): Promise<boolean> => {
  if (state.malformedMessages.length > 0) {
    await reportMalformedMessages(state)
    return false
  }
  if (state.stripeEvents.length > 0) {
    await applyFactBatch(state)
    return false
  }

  const view = await currentView(state)
  if (!view) {
    await waitForReadablePurchase(state)
    return false
  }
  const refund = state.pendingRefunds.shift()
  if (refund) {
    await recordRefund(state, refund)
    return false
  }
  const acceptance = state.pendingAcceptances.shift()
  if (acceptance) {
    await acceptMismatchedPayment(state, acceptance, view)
    return false
  }

  // The work below calls Stripe, so it waits while Stripe is unavailable.
  const mustClose = state.pendingCloseRequests.length > 0
  const payment = state.paymentsToRefresh.entries().next().value
  const refundRequestId = nextUnansweredRefund(state, view)
  const isStripeWork = mustClose || payment !== undefined || refundRequestId !== undefined
  if (isStripeWork && state.retryAt > Date.now()) await waitForStripeRetry(state)
  else if (mustClose) await resolveCloseRequests(state, view)
  else if (payment) await refreshPayment(state, ...payment)
  else if (refundRequestId !== undefined) await executeRecordedRefund(state, refundRequestId)
  else if (state.needsDisputeRecheck) await recheckDispute(state)
  else return view.isFinal || waitForDeadline(state, view)
  return false
}

/** Continues as new if the run is idle, or is only waiting for Stripe or for the purchase to become readable. */
const continueAsNewWhenPossible = async (state: PurchaseState): Promise<void> => {
  const cannotContinue = state.retryAt > Date.now() || state.view === null
  if (!isIdle(state)) {
    if (!cannotContinue || state.hasPendingMessages()) return
    await rejectPendingUpdates(state)
  }
  if (!state.hasPendingMessages() && allHandlersFinished())
    await continueAsNew<typeof purchase>(state.id, state.toContinueAsNew())
}
