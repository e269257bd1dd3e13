import { decideRefund, type Facts, factsOf, type RefundDecision, type RefundRejection, SYSTEM_ACTOR } from '@pay-to-view/purchase'
import type { RefundOutcome, RefundRequest, RefundResponse } from '@pay-to-view/workflow-client/types'
import { z } from 'zod'
import { lockUser } from './access.ts'
import { raiseAlert } from './alerts.ts'
import type { Db } from './client.ts'
import { PurchaseUnreadable } from './data-errors.ts'
import { isCancellationRequest } from './entity-jobs/cancellation-request.ts'
import type { Prisma, RefundRequest as RefundRequestRow } from './generated/client.ts'
import { PurchaseNotFound } from './purchase-view.ts'
import { readFacts } from './read-purchase.ts'
import { WITHDRAWAL_ACTOR } from './withdrawal/actor.ts'

const storedResponse = z.object({
  success: z.literal(true),
  purchaseId: z.string(),
  status: z.string(),
  refundId: z.string().nullable(),
  amount: z.number().int(),
  amountRefunded: z.number().int(),
  currency: z.string(),
}) satisfies z.ZodType<RefundResponse>

interface PendingRequest {
  purchaseId: string
  requestId: string
  reason: string | null
  by: string
}

/** A recorded request that has no outcome yet: a refund to create in Stripe. */
export interface PendingRefund {
  pending: PendingRequest & { paymentIntentId: string; amount: number }
}

/** A recorded request that has no outcome yet: a free order to take back. */
export interface PendingFreeOrderRefund {
  pending: PendingRequest & { freeOrderId: string }
}

export type PendingOutcome = PendingRefund | PendingFreeOrderRefund

const readResponse = ({ purchaseId, requestId, response }: RefundRequestRow): RefundResponse => {
  const { data, error } = storedResponse.safeParse(response)
  if (data) return data
  throw new PurchaseUnreadable(`The response to refund request ${requestId} of ${purchaseId} does not match its schema`, {
    cause: error,
  })
}

const readAnswer = (request: RefundRequestRow): RefundOutcome | null => {
  if (request.error !== null) return { rejected: request.error }
  return request.respondedAt === null ? null : { response: readResponse(request) }
}

const toPendingRefund = ({
  purchaseId,
  requestId,
  paymentIntentId,
  amount,
  reason,
  requestedBy: by,
}: RefundRequestRow): PendingRefund => {
  if (paymentIntentId === null || amount === null)
    throw new Error(`Refund request ${requestId} of ${purchaseId} names no payment`)
  return { pending: { purchaseId, requestId, paymentIntentId, amount, reason, by } }
}

const toOutcome = (request: RefundRequestRow): RefundOutcome | PendingOutcome => {
  const answer = readAnswer(request)
  if (answer !== null) return answer
  const { purchaseId, requestId, freeOrderId, reason, requestedBy: by } = request
  return freeOrderId === null ? toPendingRefund(request) : { pending: { purchaseId, requestId, freeOrderId, reason, by } }
}

/** Returns the columns of a refund request that follow from the decision about it. */
export const refundDecisionColumns = (decision: RefundDecision) => {
  if ('rejected' in decision) return { error: decision.rejected, respondedAt: new Date() }
  // Nothing is refunded in Stripe, so there is no amount.
  return 'freeOrderId' in decision ? { freeOrderId: decision.freeOrderId } : decision
}

/**
 * Records a refund request before Stripe is called, or reads the earlier request with the same idempotency key. A key always has the same
 * outcome, even if it is a rejection. A repeated key with a different amount is rejected as `idempotency_conflict`.
 */
export const recordRefundRequest = (
  db: Db,
  purchaseId: string,
  { requestId, amount, reason, by }: RefundRequest,
): Promise<RefundOutcome | PendingOutcome> =>
  db.$transaction(async (tx) => {
    const owner = await tx.purchase.findUnique({ where: { id: purchaseId }, select: { userId: true } })
    if (!owner) throw new PurchaseNotFound(purchaseId)
    await lockUser(tx, owner.userId)
    const known = await tx.refundRequest.findUnique({ where: { purchaseId_requestId: { purchaseId, requestId } } })
    if (known) return known.requestedAmount === amount ? toOutcome(known) : { rejected: 'idempotency_conflict' }
    const { facts, projection } = await readFacts(tx, purchaseId)
    const decision = decideRefund(facts, projection.settlement, amount ?? undefined)
    const request = await tx.refundRequest.create({
      data: {
        purchaseId,
        requestId,
        requestedAmount: amount,
        reason,
        requestedBy: by,
        ...refundDecisionColumns(decision),
      },
    })
    return toOutcome(request)
  })

/** Reads the outcome of a recorded request. */
export const readRefundRequest = async (db: Db, purchaseId: string, requestId: string): Promise<RefundOutcome | PendingOutcome> =>
  toOutcome(await db.refundRequest.findUniqueOrThrow({ where: { purchaseId_requestId: { purchaseId, requestId } } }))

type StripeRejection = RefundRejection | 'refund_failed' | 'refund_refused'

/**
 * Whether no caller handles the rejection of a request, so an alert is needed. A cancellation reports payments that were already refunded
 * or are disputed, so it handles these rejections itself.
 */
const isUnattended = ({ requestId, requestedBy }: RefundRequestRow, error: StripeRejection): boolean =>
  requestedBy === SYSTEM_ACTOR ||
  requestedBy === WITHDRAWAL_ACTOR ||
  (isCancellationRequest(requestId) && (error === 'refund_failed' || error === 'refund_refused'))

/** Records a rejection. Raises an alert if no caller handles the rejection. */
const reject = async (
  tx: Prisma.TransactionClient,
  request: RefundRequestRow,
  error: StripeRejection,
): Promise<RefundOutcome> => {
  const { purchaseId, requestId, requestedBy } = request
  await tx.refundRequest.update({
    where: { purchaseId_requestId: { purchaseId, requestId } },
    data: { error, respondedAt: new Date() },
  })
  if (isUnattended(request, error))
    await raiseAlert(tx, purchaseId, 'refund_refused', requestId, { requestId, error, by: requestedBy })
  return { rejected: error }
}

/** Records that Stripe accepted the refund, but the refund failed immediately. */
export const failRefund = (db: Db, { purchaseId, requestId }: PendingRefund['pending']): Promise<RefundOutcome> =>
  db.$transaction(async (tx) => {
    const where = { purchaseId_requestId: { purchaseId, requestId } }
    return reject(tx, await tx.refundRequest.findUniqueOrThrow({ where }), 'refund_failed')
  })

/**
 * Decides again about a request to take back a free order: rejects it if another request has taken the order back. Returns whether the
 * request has an outcome. The caller holds the user's lock.
 */
export const reevaluateFreeOrderRefund = async (
  tx: Prisma.TransactionClient,
  purchaseId: string,
  requestId: string,
): Promise<boolean> => {
  const where = { purchaseId_requestId: { purchaseId, requestId } }
  const request = await tx.refundRequest.findUniqueOrThrow({ where })
  if (readAnswer(request) !== null) return true
  const { facts, projection } = await readFacts(tx, purchaseId)
  const decision = decideRefund(facts, projection.settlement, undefined)
  if (!('rejected' in decision)) return false
  // There is no alert, because the order has been taken back as requested.
  await tx.refundRequest.update({ where, data: refundDecisionColumns(decision) })
  return true
}

/**
 * Decides again about a refund that Stripe has rejected, usually because the payment was refunded or disputed in the meantime. A request
 * for the remaining amount becomes a pending refund of the current remaining amount. All other requests are rejected.
 */
export const reevaluateRefund = (
  db: Db,
  { purchaseId, requestId, paymentIntentId }: PendingRefund['pending'],
): Promise<RefundOutcome | PendingRefund> =>
  db.$transaction(async (tx) => {
    const { userId } = await tx.purchase.findUniqueOrThrow({ where: { id: purchaseId }, select: { userId: true } })
    await lockUser(tx, userId)
    const where = { purchaseId_requestId: { purchaseId, requestId } }
    const request = await tx.refundRequest.findUniqueOrThrow({ where })
    const answer = readAnswer(request)
    if (answer !== null) return answer
    const { facts } = await readFacts(tx, purchaseId)
    const decision = decideRefund(facts, findPayment(facts, paymentIntentId), request.requestedAmount ?? undefined)
    if ('rejected' in decision) return reject(tx, request, decision.rejected)
    if (decision.amount === request.amount) return reject(tx, request, 'refund_refused')
    return toPendingRefund(await tx.refundRequest.update({ where, data: { amount: decision.amount } }))
  })

const findPayment = (facts: Facts, id: string) => factsOf(facts, 'payment').find((payment) => payment.id === id) ?? null
