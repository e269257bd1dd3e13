/**
 * The data that a purchase workflow exchanges with other processes. It is plain JSON without secrets, because it is stored in
 * workflow histories. Money is in minor units with a lowercase ISO currency.
 */
import type { Snapshot, Status } from '@pay-to-view/purchase'

/** The cause of a change to a purchase. It is stored with the change and shown in the purchase's timeline. */
export type ChangeCause =
  | { kind: 'event'; eventIds: string[] }
  | { kind: 'admin_refund'; by: string; requestId: string; reason: string | null }
  | { kind: 'payment_accepted'; by: string; reason: string | null }
  | { kind: 'user_restarted' }
  | { kind: 'deadline' }
  | { kind: 'duplicate_payment'; paymentIntentId: string }
  | { kind: 'duplicate_free_order'; freeOrderId: string }
  | { kind: 'workflow_canceled' }
  | { kind: 'access_transferred'; from: string }
  | { kind: 'access_extended'; by: string }
  | { kind: 'reconcile' }
  | { kind: 'import'; by: string }
  | { kind: 'erasure'; by: string }

/** Snapshots to merge into the facts of a purchase. */
export interface ApplyFactsInput {
  id: string
  snapshots: readonly Snapshot[]
  cause: ChangeCause
  /** Events in the ledger that count as applied when these snapshots are applied. */
  eventIds?: readonly string[]
  /** The refund request that these snapshots complete. */
  completesRefundRequest?: { requestId: string; refundId: string | null }
}

/** Facts that cannot be applied, with the error that explains why. */
export interface SetAsideInput {
  id: string
  eventIds: readonly string[]
  snapshots: readonly Snapshot[]
  error: string
}

/** An issue that needs an operator's decision or review. There is one alert per purchase, kind and subject. */
export interface WorkflowAlert {
  id: string
  /**
   * `malformed_message`: the workflow does not accept a message or argument. `activity_failed`: an activity failed permanently, or for an
   * unknown reason, and its work was abandoned. `purchase_unreadable`, `purchase_missing`: the stored purchase does not match its schema,
   * or does not exist.
   */
  kind: 'malformed_message' | 'activity_failed' | 'purchase_unreadable' | 'purchase_missing'
  subject: string
  detail: Record<string, string>
}

/** The state of a purchase, as activities return it and the workflow shows it. */
export interface PurchaseView {
  id: string
  status: Status
  /** Whether the workflow can end: the status is final and no refund is pending. */
  isFinal: boolean
  /** Whether the checkout is complete but a delayed payment has not settled yet. */
  processing: boolean
  hasAccess: boolean
  mismatch: string | null
  title: string
  amount: number
  currency: string
  amountSubtotal: number
  amountDiscount: number
  amountTax: number
  amountPaid: number
  amountRefunded: number
  /** The promotion code that reduced the price. */
  promotionCode: string | null
  /** The id of the payment that settles the checkout, or of a free order's session. */
  settlementId: string | null
  paymentIntentId: string | null
  /** Seconds since the epoch, on Stripe's clock. */
  paidAt: number | null
  /** The time at which the purchase's access starts or started, in seconds since the epoch; null if the purchase gave no access. */
  startsAt: number | null
  /** The time at which this access ends, in seconds since the epoch; null for permanent access. */
  expiresAt: number | null
  /** Milliseconds since the epoch. */
  checkoutDeadline: number
  /** Ids of refund requests that Stripe has not accepted yet. */
  pendingRefundRequestIds: string[]
  /** Whether two snapshots of a dispute are from the same second, so the dispute must be fetched again a moment later. */
  isAmbiguous: boolean
  /** The change to status or access when the facts were applied; null if neither changed. */
  change: { from: Status; access: 'granted' | 'revoked' | null } | null
}

/** A refund that an admin requests. If `amount` is null, the whole remaining amount is refunded. */
export interface RefundRequest {
  requestId: string
  amount: number | null
  reason: string | null
  by: string
}

/** The response to the admin once Stripe has accepted the refund. */
export interface RefundResponse {
  success: true
  purchaseId: string
  status: string
  /** Null for a free order, which Stripe cannot refund. */
  refundId: string | null
  amount: number
  amountRefunded: number
  currency: string
}

export type RefundOutcome = { response: RefundResponse } | { rejected: string }

/** The input that starts a purchase's workflow: the id, and the values of the summary and the search attributes. */
export interface WorkflowStartInput {
  id: string
  userId: string
  entityId: string
  productId: string
  status: string
  title: string
  amount: number
  currency: string
  checkoutDeadline: Date
}

/** A message for a webhook endpoint, identified only by ids: histories contain neither the message nor the URL. */
export interface WebhookDeliveryInput {
  endpointId: string
  messageId: string
}

/** The outcome of a message's retries. `abandoned`: the endpoint was disabled or deleted, or the message was deleted. */
export type WebhookDeliveryResult = 'succeeded' | 'failed' | 'abandoned'

/** The result of one delivery activity for an endpoint. */
export interface DeliverPendingResult {
  /** `idle`: nothing is left to deliver. `disabled`: the endpoint is disabled or deleted. */
  state: 'idle' | 'more' | 'disabled'
  succeeded: number
  failed: number
}

/** The input that starts an entity job's workflow: the id, and the values of the summary. */
export interface EntityJobStartInput {
  id: string
  kind: 'cancel' | 'extend' | 'move'
  entityId: string
  reason: string | null
  requestedBy: string
  days: number | null
}

/** The progress of an entity job, as its activity returns it and its workflow shows it. */
export interface EntityJobProgress {
  kind: EntityJobStartInput['kind']
  entityId: string
  isPaused: boolean
  isFinished: boolean
  /** The numbers of all items, of items waiting to be processed, and of items waiting for a delayed payment. */
  total: number
  pending: number
  waiting: number
  skipped: number
  failed: number
  /** The error of an item that could not be processed in the last batch; null if there is no such item. */
  lastError: string | null
}
