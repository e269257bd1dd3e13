import { decideRefund, type Facts, factsOf, type RefundRejection } from '@pay-to-view/purchase'
import type { RefundOutcome, RefundRequest, RefundResponse } from '@pay-to-view/workflow-client/types'
import { z } from 'zod'
import { lockUser } from './access.ts'
import { readFacts } from './apply/apply.ts'
import type { Db } from './client.ts'
import type { Prisma } from './generated/client.ts'
import { SYSTEM_ACTOR } from './json-columns.ts'
import { PurchaseNotFound } from './purchase-view.ts'

const storedAnswer = z.object({
  success: z.literal(true),
  purchaseId: z.string(),
  status: z.string(),
  refundId: z.string(),
  amount: z.number().int(),
  amountRefunded: z.number().int(),
  currency: z.string(),
}) satisfies z.ZodType<RefundResponse>

/** A request that is written down and not answered yet: what to ask of Stripe. */
export interface PendingRefund {
  pending: { purchaseId: string; requestId: string; paymentIntentId: string; amount: number; reason: string | null; by: string }
}

interface Stored {
  purchaseId: string
  requestId: string
  paymentIntentId: string | null
  amount: number | null
  requestedAmount: number | null
  reason: string | null
  requestedBy: string
  error: string | null
  response: unknown
  respondedAt: Date | null
}

const read = (request: Stored): RefundOutcome | PendingRefund => {
  if (request.error !== null) return { rejected: request.error }
  if (request.respondedAt !== null) return { response: storedAnswer.parse(request.response) }
  const { purchaseId, requestId, paymentIntentId: payment, amount, reason, requestedBy } = request
  if (payment === null || amount === null) throw new Error(`Refund request ${requestId} of ${purchaseId} names no payment`)
  return { pending: { purchaseId, requestId, paymentIntentId: payment, amount, reason, by: requestedBy } }
}

/**
 * Writes a refund request down before Stripe is asked, or finds it: the same key has the same outcome for ever, a refusal included. The same key with another
 * amount is refused as `idempotency_conflict`.
 */
export const recordRefundRequest = (db: Db, purchaseId: string, wish: RefundRequest): Promise<RefundOutcome | PendingRefund> =>
  db.$transaction(async (tx) => {
    const owner = await tx.purchase.findUnique({ where: { id: purchaseId }, select: { userId: true } })
    if (!owner) throw new PurchaseNotFound(purchaseId)
    await lockUser(tx, owner.userId)
    const { requestId, amount: asked, reason, by } = wish
    const known = await tx.refundRequest.findUnique({ where: { purchaseId_requestId: { purchaseId, requestId } } })
    if (known) return known.requestedAmount === asked ? read(known) : { rejected: 'idempotency_conflict' }
    const { facts, projection } = await readFacts(tx, purchaseId)
    const decision = decideRefund(facts, projection.payment, asked ?? undefined)
    const refused = 'refuse' in decision
    const request = await tx.refundRequest.create({
      data: {
        purchaseId,
        requestId,
        requestedAmount: asked,
        reason,
        requestedBy: by,
        ...(refused
          ? { error: decision.refuse, respondedAt: new Date() }
          : { paymentIntentId: decision.payment, amount: decision.amount }),
      },
    })
    return read(request)
  })

/** A request that is already written down. */
export const readRefundRequest = async (db: Db, purchaseId: string, requestId: string): Promise<RefundOutcome | PendingRefund> =>
  read(await db.refundRequest.findUniqueOrThrow({ where: { purchaseId_requestId: { purchaseId, requestId } } }))

/** Writes a refusal down. The operator is told when nobody is waiting for the answer. */
const refuse = async (
  tx: Prisma.TransactionClient,
  { purchaseId, requestId, requestedBy }: Stored,
  error: RefundRejection | 'refund_failed' | 'refund_refused',
): Promise<RefundOutcome> => {
  await tx.refundRequest.update({
    where: { purchaseId_requestId: { purchaseId, requestId } },
    data: { error, respondedAt: new Date() },
  })
  if (requestedBy === SYSTEM_ACTOR) {
    const detail = { requestId, error, by: requestedBy }
    await tx.alert.createMany({
      data: [{ kind: 'refund_refused', purchaseId, dedupeKey: `refund_refused:${purchaseId}:${requestId}`, detail }],
      skipDuplicates: true,
    })
  }
  return { rejected: error }
}

/** Stripe took the refund and it failed at once. */
export const failRefund = (db: Db, { purchaseId, requestId }: PendingRefund['pending']): Promise<RefundOutcome> =>
  db.$transaction(async (tx) => {
    const where = { purchaseId_requestId: { purchaseId, requestId } }
    return refuse(tx, await tx.refundRequest.findUniqueOrThrow({ where }), 'refund_failed')
  })

/**
 * Stripe has refused a refund for good: most often somebody else has refunded or disputed the payment meanwhile. Decided again by what
 * is known now: a wish for all that is left becomes an order of what is left now, to be carried out in turn; any other is refused.
 */
export const reevaluateRefund = (
  db: Db,
  { purchaseId, requestId, paymentIntentId: payment }: PendingRefund['pending'],
): Promise<RefundOutcome | PendingRefund> =>
  db.$transaction(async (tx) => {
    const { userId } = await tx.purchase.findUniqueOrThrow({ where: { id: purchaseId }, select: { userId: true } })
    await lockUser(tx, userId)
    const where = { purchaseId_requestId: { purchaseId, requestId } }
    const request = await tx.refundRequest.findUniqueOrThrow({ where })
    if (request.respondedAt !== null) return read(request)
    const { facts } = await readFacts(tx, purchaseId)
    const decision = decideRefund(facts, paymentIn(facts, payment), request.requestedAmount ?? undefined)
    if ('refuse' in decision) return refuse(tx, request, decision.refuse)
    if (decision.amount === request.amount) return refuse(tx, request, 'refund_refused')
    return read(await tx.refundRequest.update({ where, data: { amount: decision.amount } }))
  })

const paymentIn = (facts: Facts, id: string) => factsOf(facts, 'payment').find((payment) => payment.id === id) ?? null
