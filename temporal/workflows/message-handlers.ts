import {
  type AcceptPaymentInput,
  type AcceptPaymentResult,
  acceptPayment,
  type CloseCheckoutResult,
  closeCheckout,
  refund,
  stateQuery,
  stripeEvent,
} from '@pay-to-view/workflow-client/messages'
import type { RefundOutcome, RefundRequest } from '@pay-to-view/workflow-client/types'
import { setHandler, Trigger } from '@temporalio/workflow'
import {
  isStripeEventMessage,
  problemOf,
  validateAcceptPayment,
  validateCloseCheckout,
  validateRefund,
} from './message-validation.ts'
import type { PurchaseState } from './purchase-state.ts'
import { messageDescriptions } from './ui-texts.ts'

/** Handlers only queue messages for the main loop; an update then waits for its result. */
export const registerHandlers = (state: PurchaseState): void => {
  const assertNotEnding = (): void => {
    if (state.endFailure) throw state.endFailure
  }

  const handleCloseCheckout = async (): Promise<CloseCheckoutResult> => {
    assertNotEnding()
    const result = new Trigger<CloseCheckoutResult>()
    state.pendingCloseRequests.push(result)
    return await result
  }

  const handleRefund = async ({ requestId, amount = null, reason = null, by }: RefundRequest): Promise<RefundOutcome> => {
    assertNotEnding()
    const result = new Trigger<RefundOutcome>()
    state.pendingRefunds.push({ input: { requestId, amount, reason, by }, result })
    return await result
  }

  const handleAcceptPayment = async ({ by, reason = null }: AcceptPaymentInput): Promise<AcceptPaymentResult> => {
    assertNotEnding()
    const result = new Trigger<AcceptPaymentResult>()
    state.pendingAcceptances.push({ input: { by, reason }, result })
    return await result
  }

  /** A signal cannot be rejected, so a malformed signal is skipped and reported. */
  const handleStripeEvent = (event: unknown): void => {
    if (isStripeEventMessage(event)) state.stripeEvents.push(event)
    else state.malformedMessages.push({ name: 'stripeEvent', problem: problemOf(event) })
  }

  setHandler(stripeEvent, handleStripeEvent, { description: messageDescriptions.stripeEvent })
  setHandler(closeCheckout, handleCloseCheckout, {
    validator: validateCloseCheckout,
    description: messageDescriptions.closeCheckout,
  })
  setHandler(refund, handleRefund, { validator: validateRefund, description: messageDescriptions.refund })
  setHandler(acceptPayment, handleAcceptPayment, {
    validator: validateAcceptPayment,
    description: messageDescriptions.acceptPayment,
  })
  setHandler(stateQuery, () => state.view, { description: messageDescriptions.state })
}
