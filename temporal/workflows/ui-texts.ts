import type { Deadline } from '@pay-to-view/purchase/lifecycle'
import { formatMoney } from '@pay-to-view/purchase/money'
import type { EntityJobProgress, PurchaseView } from '@pay-to-view/workflow-client/types'
import type { EntityJobActivities, PurchaseActivities, ReconcileActivities, WebhookActivities } from '../activities/types.ts'

// All texts that an operator reads in the Temporal UI, except the static texts in workflow-client/start-options.ts.

export const activitySummaries = {
  loadPurchase: 'Load the purchase',
  applyFacts: "Store Stripe's data and derive status and access from it",
  recordRefundRequest: 'Record the refund request before calling Stripe',
  refreshFromStripe: 'Retrieve the current state from Stripe',
  expireCheckout: 'Close the checkout in Stripe',
  executeRefund: 'Refund in Stripe',
  setAsideFacts: 'Set aside facts that cannot be applied, and raise an alert',
  raiseAlert: 'Raise an alert for the operator',
  deliverPending: 'Deliver the messages that are waiting for their first attempt',
  attemptDelivery: 'Deliver the message, on the Standard Webhooks retry schedule',
  reconcileFromCursor: "Compare Stripe's events with the event ledger and repair differences",
  processEntityJob: 'Process a batch of purchases or grants',
  pauseEntityJob: 'Pause or resume the job',
} satisfies Record<keyof (PurchaseActivities & ReconcileActivities & WebhookActivities & EntityJobActivities), string>

export const timerSummaries = {
  checkout_expiry: 'Waiting for the checkout to expire',
  processing_check: 'Waiting to check the delayed payment in Stripe',
  dispute_window_end: 'Waiting for the end of the dispute window',
  stripeRetry: 'Waiting to retry the failed call to Stripe',
  disputeRecheck: 'Waiting to check the dispute in Stripe again',
  unreadablePurchase: 'Waiting to load the unreadable purchase again',
  failingEndpoint: 'Waiting because every attempt failed',
  jobPaused: 'Paused. Waiting to be resumed',
  jobRetry: 'Waiting to process the next batch after a failure',
  settlementCheck: 'Waiting for delayed payments, which are refunded if they succeed',
} satisfies Record<
  | Deadline['kind']
  | ('stripeRetry' | 'disputeRecheck' | 'unreadablePurchase' | 'failingEndpoint')
  | ('jobPaused' | 'jobRetry' | 'settlementCheck'),
  string
>

export const messageDescriptions = {
  stripeEvent: 'Delivers a Stripe event',
  closeCheckout: 'Closes the checkout in Stripe. Takes no argument',
  refund: 'Refunds the payment: { "requestId": "ticket-4711", "amount": null, "reason": null, "by": "your name" }',
  acceptPayment: 'Grants access for a payment that does not match its quote: { "by": "your name", "reason": null }',
  wake: 'Signals that the endpoint has messages to deliver',
  state: 'The current view of the purchase',
  pause: 'Pauses the job: { "by": "your name" }',
  resume: 'Resumes the job: { "by": "your name" }',
  progress: 'The progress of the job',
}

/** Explains a status to an operator, unless the amounts already explain it. */
const statusExplanations: Partial<Record<PurchaseView['status'], string>> = {
  Expired: 'The checkout expired without a payment.',
  Failed: 'The payment failed. Nothing was charged.',
  Refunded: 'The payment was refunded in full.',
  Disputed:
    "The cardholder's bank disputes the payment. Submit the evidence on the purchase page in the back office before the deadline.",
  ChargedBack: 'The dispute was lost, and the bank withdrew the payment.',
}

const isoDate = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** The parts of the price, if there is a discount or tax. */
const describePriceParts = (view: PurchaseView): string | false => {
  const money = (amount: number): string => formatMoney(amount, view.currency)
  const parts = [
    view.amountDiscount > 0 && `discount ${money(view.amountDiscount)}${view.promotionCode ? ` (${view.promotionCode})` : ''}`,
    view.amountTax > 0 && `tax ${money(view.amountTax)}`,
  ].filter((part) => part !== false)
  return parts.length > 0 && `Subtotal ${money(view.amountSubtotal)}, ${parts.join(', ')}, total ${money(view.amountPaid)}.`
}

const isFreeOrder = (view: PurchaseView): boolean => view.settlementId !== null && view.paymentIntentId === null

/** Describes the access. If a completed purchase gives no access now, for example before a release, the text includes the start time. */
const describeAccess = ({ status, hasAccess, startsAt, expiresAt }: PurchaseView): string => {
  const end = expiresAt === null ? 'permanent' : `until ${isoDate(expiresAt * 1000)}`
  if (hasAccess) return `Access: ${end}.`
  return status === 'Completed' && startsAt !== null ? `Access: from ${isoDate(startsAt * 1000)}, ${end}.` : 'No access.'
}

/** Returns the Markdown for the current details of a purchase. */
export const describePurchase = (view: PurchaseView): string => {
  const money = (amount: number): string => formatMoney(amount, view.currency)
  const lines = [
    `**${view.status}** – ${view.title}`,
    isFreeOrder(view) && view.status === 'Refunded' ? 'The free order was taken back.' : statusExplanations[view.status],
    view.status === 'Completed' && view.amountRefunded > 0 && 'Partially refunded.',
    view.status === 'Pending' &&
      !view.processing &&
      `Waiting for payment. The checkout expires at ${isoDate(view.checkoutDeadline)}.`,
    view.processing && 'A delayed payment is processing. It is checked in Stripe once a day.',
    view.mismatch &&
      `**The payment does not match its quote (${view.mismatch}). No access was granted: accept or refund the payment.**`,
    view.paymentIntentId &&
      `Payment \`${view.paymentIntentId}\`: ${money(view.amountPaid)} paid, ${money(view.amountRefunded)} refunded.`,
    describePriceParts(view),
    describeAccess(view),
    view.pendingRefundRequestIds.length > 0 && `Pending refunds: ${view.pendingRefundRequestIds.length}.`,
  ]
  return lines.filter((line) => typeof line === 'string').join('\n\n')
}

/** The current details while a failed Stripe call is waiting to be retried. */
export const describeRetry = (view: PurchaseView, failureType: string): string =>
  `${describePurchase(view)}\n\nThe last call to Stripe failed (${failureType}). It will be retried.`

const jobTitles = { cancel: 'Cancellation', extend: 'Extension of access', move: 'Messages about a moved date' }

const jobState = ({ isFinished, isPaused, pending, waiting }: EntityJobProgress): string => {
  if (isFinished) return 'Finished.'
  if (isPaused) return '**Paused.** Resume it in the back office or with the `resume` signal.'
  return pending === 0 && waiting > 0 ? 'Waiting for delayed payments.' : 'Running.'
}

/** Returns the Markdown for the current details of an entity job. */
export const describeJob = (progress: EntityJobProgress): string => {
  const { kind, entityId, total, pending, waiting, skipped, failed, lastError } = progress
  const lines = [
    `**${jobTitles[kind]}:** \`${entityId}\``,
    jobState(progress),
    `${total - pending - waiting} of ${total} processed, ${skipped} skipped, ${failed} failed.`,
    waiting > 0 && `Delayed payments still processing: ${waiting}.`,
    failed > 0 && '**The back office lists what failed and why.**',
    lastError !== null && `The last batch was interrupted (${lastError}). It will be retried.`,
  ]
  return lines.filter((line) => typeof line === 'string').join('\n\n')
}
