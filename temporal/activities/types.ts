import type {
  ApplyFactsInput,
  DeliverPendingResult,
  EntityJobProgress,
  PurchaseView,
  RefundOutcome,
  RefundRequest,
  SetAsideInput,
  WebhookDeliveryInput,
  WebhookDeliveryResult,
  WorkflowAlert,
} from '@pay-to-view/workflow-client/types'

/** The activities of a purchase workflow. */
export interface PurchaseActivities {
  loadPurchase(id: string): Promise<PurchaseView>
  applyFacts(input: ApplyFactsInput): Promise<PurchaseView>
  /** Retrieves a payment from Stripe, or the checkouts of the purchase if `paymentIntentId` is null, and applies the snapshots. */
  refreshFromStripe(input: ApplyFactsInput & { paymentIntentId: string | null }): Promise<PurchaseView>
  /** Closes the checkout in Stripe and applies the resulting snapshots. */
  expireCheckout(input: Pick<ApplyFactsInput, 'id' | 'cause'>): Promise<PurchaseView>
  /** Stores a refund request. `outcome` is null if the refund has yet to be executed. */
  recordRefundRequest(input: {
    id: string
    request: RefundRequest
  }): Promise<{ outcome: RefundOutcome | null; view: PurchaseView }>
  /** Executes a stored refund request in Stripe. */
  executeRefund(input: { id: string; requestId: string }): Promise<{ outcome: RefundOutcome; view: PurchaseView }>
  /** Marks events whose facts cannot be applied, and raises an alert. */
  setAsideFacts(input: SetAsideInput): Promise<void>
  raiseAlert(alert: WorkflowAlert): Promise<void>
}

/** The activities of the entity job workflow. */
export interface EntityJobActivities {
  /** Processes a batch of the job's items, and ends the job after the last item. */
  processEntityJob(jobId: string): Promise<EntityJobProgress>
  /** Pauses or resumes the job. */
  pauseEntityJob(input: { jobId: string; isPaused: boolean; by: string }): Promise<void>
}

/** The activity of the reconciler workflow. */
export interface ReconcileActivities {
  reconcileFromCursor(): Promise<{ events: number; repairs: Record<string, number> }>
}

/** The activities that deliver webhooks. They have their own task queue. */
export interface WebhookActivities {
  /** Sends an endpoint's messages that are waiting for their first attempt: at most `limit` messages, for a few seconds. */
  deliverPending(input: { endpointId: string; limit: number }): Promise<DeliverPendingResult>
  /**
   * Makes one attempt to deliver a message that has failed before. A failure contains Temporal's `nextRetryDelay`, the time until the next
   * attempt.
   */
  attemptDelivery(input: WebhookDeliveryInput): Promise<WebhookDeliveryResult>
}
