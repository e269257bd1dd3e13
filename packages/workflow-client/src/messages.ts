/**
 * Names and messages that the server, the workers and the workflows share. Messages are small and contain no secrets, because they are
 * stored in the workflow's history.
 */
import type { Snapshot } from '@pay-to-view/purchase'
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'
import type {
  EntityJobProgress,
  PurchaseView,
  RefundOutcome,
  RefundRequest,
  WebhookDeliveryInput,
  WebhookDeliveryResult,
} from './types.ts'

export const defaultTaskQueue = 'pay-to-view'

/** The type of the purchase workflow. packages/purchase/src/workflow-ids.ts derives its workflow id from the purchase id. */
export const purchaseWorkflow = 'purchase'

/** The purchase workflow's type, for clients. The argument is the purchase id. */
export type PurchaseWorkflow = (id: string) => Promise<void>

/** The workflow that a Temporal Schedule starts to compare Stripe's events with the event ledger. */
export const reconcileWorkflow = 'reconcile'
export const reconcileSchedule = 'pay-to-view-reconcile'

/** Delivers the messages for one webhook endpoint. The workflow id is `webhook-endpoint-` and the endpoint's id. */
export const webhookEndpointWorkflow = 'webhookEndpoint'

/** Retries one message whose first attempt failed. The workflow id is `webhook-delivery-`, the endpoint's id, `-` and the message's id. */
export const webhookDeliveryWorkflow = 'webhookDelivery'

export type WebhookEndpointWorkflow = (endpointId: string) => Promise<void>
export type WebhookDeliveryWorkflow = (delivery: WebhookDeliveryInput) => Promise<WebhookDeliveryResult>

/** Notifies the workflow that its endpoint has messages to deliver. The messages are in the database. */
export const wakeEndpoint = defineSignal('wake')

/** The workflow that carries out a job on all purchases or grants of an entity. */
export const entityJobWorkflow = 'entityJob'

/** The entity job workflow's type, for clients. The argument is the job id. */
export type EntityJobWorkflow = (jobId: string) => Promise<void>

/** A header of the messages that can start a workflow (request-context.ts). It is stored in the history, so it contains no secrets. */
export const requestContextHeader = 'pay-to-view-request-context'

/** The search attributes of purchase workflows, all of type Keyword. docs/operations.md has example queries. */
export const searchAttributes = {
  status: defineSearchAttributeKey('PurchaseStatus', SearchAttributeType.KEYWORD),
  userId: defineSearchAttributeKey('UserId', SearchAttributeType.KEYWORD),
  entityId: defineSearchAttributeKey('EntityId', SearchAttributeType.KEYWORD),
  productId: defineSearchAttributeKey('PayToViewProductId', SearchAttributeType.KEYWORD),
}

/** The content of a Stripe event, as parsed by ingestion. */
export interface StripeEventMessage {
  /** Null if the reconciler sends the message without an event. */
  eventId: string | null
  snapshots: Snapshot[]
  /**
   * The objects that the workflow must retrieve from Stripe, because the event does not contain enough data: a payment, or all checkouts of
   * the purchase if `paymentIntentId` is null.
   */
  refresh: { paymentIntentId: string | null } | null
}

/** The state of a purchase after the update. A checkout that was paid, is processing or needs an operator's review is not closed. */
export interface CloseCheckoutResult {
  status: PurchaseView['status']
  hasAccess: boolean
  processing: boolean
  mismatch: boolean
}

/** An operator's acceptance of a payment that does not match its quote. */
export interface AcceptPaymentInput {
  by: string
  reason: string | null
}

export type AcceptPaymentResult = Pick<PurchaseView, 'status' | 'hasAccess'> | { rejected: 'nothing_to_accept' }

/** Delivers a Stripe event. Sent with signalWithStart, so the sender does not wait for the workflow. */
export const stripeEvent = defineSignal<[StripeEventMessage]>('stripeEvent')

/** Closes the checkout session in Stripe, so that the user can start another purchase. */
export const closeCheckout = defineUpdate<CloseCheckoutResult, []>('closeCheckout')

/** Refunds a purchase. Completes once Stripe has accepted the refund or the request has been rejected. */
export const refund = defineUpdate<RefundOutcome, [RefundRequest]>('refund')

/** Grants access for a payment that does not match its quote. */
export const acceptPayment = defineUpdate<AcceptPaymentResult, [AcceptPaymentInput]>('acceptPayment')

/** Pauses a job as soon as its current items have been processed. */
export const pauseJob = defineSignal<[{ by: string }]>('pause')

/** Resumes a paused job. */
export const resumeJob = defineSignal<[{ by: string }]>('resume')

/** The progress of a job; null until the workflow has loaded it. */
export const jobProgressQuery = defineQuery<EntityJobProgress | null>('progress')

/** The current view of the purchase; null until the workflow has loaded it. */
export const stateQuery = defineQuery<PurchaseView | null>('state')

/** Failure types of updates. After any of these failures except `invalidMessage`, the outcome of the update is unknown. */
export const updateFailureTypes = {
  /** Rejected by the validator before the update was accepted. */
  invalidMessage: 'InvalidMessage',
  /** The run continues as new because Stripe is unavailable. Retrying is safe. */
  stripeUnavailable: 'StripeUnavailable',
  /** The run ended before it returned a result: it was canceled, or its purchase does not exist. */
  workflowEnded: 'WorkflowEnded',
  /** An activity failed permanently, and the operator has an alert. */
  updateFailed: 'UpdateFailed',
} as const

/** Failure types of activities that are not retried. */
export const permanentFailureTypes = {
  /** The database has no such purchase, so the workflow fails. */
  purchaseNotFound: 'PurchaseNotFound',
  /** The stored purchase does not match its schema: it was written by another version or changed manually. Its events stay unapplied. */
  purchaseUnreadable: 'PurchaseUnreadable',
  /** Postgres or Stripe rejected the data and would reject it again. */
  permanent: 'PermanentFailure',
  /** The activity kept failing for an unknown reason, which may be temporary. Its events stay unapplied. */
  unexplained: 'UnexplainedFailure',
} as const

/** Failure type of an activity whose error is neither known to be transient nor known to be permanent. */
export const unexpectedFailureType = 'UnexpectedFailure'
