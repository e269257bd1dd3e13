import {
  checkoutAnomaly,
  type DisputeSnapshot,
  evidenceDueAt,
  factsOf,
  isActiveRefund,
  isLostDispute,
  isOpenDispute,
} from '@pay-to-view/purchase'
import { alertKey, raiseAlert } from '../alerts.ts'
import { toDate } from '../projection-columns.ts'
import { type ApplyContext, refundAndDisputeStatuses } from './load-context.ts'

/**
 * Raises an alert for each payment or free order that does not match the quote and is waiting for the operator's decision. The alert is
 * resolved when the settlement is accepted or refunded, or when a different settlement counts. The alert is reopened if the refund fails or
 * if the dispute is won.
 */
export const updateMismatchAlerts = async ({
  tx,
  purchase,
  projectionBefore,
  projection,
  cause,
}: ApplyContext): Promise<void> => {
  const { mismatchedSettlements } = projection
  const keyOf = (settlementId: string): string => alertKey(purchase.id, 'mismatch', settlementId)
  if (purchase.mismatch !== null) {
    const keys = mismatchedSettlements.map(({ settlement }) => keyOf(settlement.id))
    await tx.alert.updateMany({
      where: { purchaseId: purchase.id, kind: 'mismatch', resolvedAt: null, dedupeKey: { notIn: keys } },
      data: { resolvedAt: new Date(), resolvedBy: 'by' in cause ? cause.by : 'Stripe' },
    })
  }
  if (mismatchedSettlements.length === 0) return
  const before = projectionBefore.mismatchedSettlements.map(({ settlement }) => settlement.id)
  for (const { settlement, mismatch } of mismatchedSettlements) {
    const { kind, id, amount, currency } = settlement
    const isNew = await raiseAlert(tx, purchase.id, 'mismatch', id, {
      ...(kind === 'payment' ? { paymentIntentId: id } : { freeOrderId: id }),
      mismatch,
      amount,
      currency,
      quoted: purchase.amount,
      quotedCurrency: purchase.currency,
    })
    if (isNew || before.includes(id)) continue
    await tx.alert.updateMany({ where: { dedupeKey: keyOf(id) }, data: { resolvedAt: null, resolvedBy: null } })
  }
}

/** Raises alerts for refunds that failed, checkouts that ended unexpectedly, and refunded purchases that are paid again. */
export const raiseFailureAlerts = async (context: ApplyContext): Promise<void> => {
  const { tx, purchase, facts, projection } = context
  for (const { id, amount, status } of factsOf(facts, 'refund').filter((refund) => !isActiveRefund(refund)))
    await raiseAlert(tx, purchase.id, 'refund_failed', id, { refundId: id, amount, status })
  for (const session of factsOf(facts, 'session')) {
    const anomaly = checkoutAnomaly(session)
    if (anomaly) await raiseAlert(tx, purchase.id, anomaly, session.id, { sessionId: session.id })
  }
  const { status, payment } = projection
  if (purchase.status === 'Refunded' && status !== 'Refunded' && purchase.externalTransactionId === payment?.id)
    await raiseAlert(tx, purchase.id, 'restored', refundAndDisputeStatuses(context), { status })
}

/** Returns the kind of the alert that is open while a dispute or an inquiry is in this state, or null if this state has no alert. */
export const disputeAlertKind = (dispute: DisputeSnapshot | undefined): 'disputed' | 'inquiry' | 'charged_back' | null => {
  if (dispute === undefined) return null
  if (isLostDispute(dispute)) return 'charged_back'
  if (dispute.status === 'warning_needs_response') return 'inquiry'
  return isOpenDispute(dispute) ? 'disputed' : null
}

/**
 * Raises an alert when a dispute is opened, reopened by an appeal, or lost, or when a bank inquires. Resolves the alert of the previous
 * state, and resolves the deadline warning when no evidence is due. This also applies to payments that were refunded or do not count.
 * Returns notes about changes that the purchase's status does not show.
 */
export const updateDisputeAlerts = async ({ tx, purchase, facts, factsBefore, projection }: ApplyContext): Promise<string[]> => {
  const notes: string[] = []
  for (const dispute of factsOf(facts, 'dispute')) {
    const { id, paymentIntentId, amount, status, observedAt } = dispute
    const before = factsOf(factsBefore, 'dispute').find((one) => one.id === id)
    const [kind, kindBefore] = [disputeAlertKind(dispute), disputeAlertKind(before)]
    if (kind !== kindBefore) {
      if (kindBefore) await resolveDisputeAlerts(tx, alertKey(purchase.id, kindBefore, `${id}:`), purchase.id)
      if (kind) await raiseAlert(tx, purchase.id, kind, `${id}:${observedAt}`, { paymentIntentId, disputeId: id, amount, status })
    }
    const dueAt = toDate(evidenceDueAt(dispute))
    if (kind === 'disputed' || kind === 'inquiry')
      await updateOpenAlert(tx, alertKey(purchase.id, kind, `${id}:`), purchase.id, { dueAt, status })
    if (dueAt === null) await resolveDisputeAlerts(tx, alertKey(purchase.id, 'dispute_due', `${id}:`), purchase.id)
    if (before?.status !== status && projection.status === purchase.status)
      notes.push(`dispute ${id} of payment ${paymentIntentId} is ${status}`)
  }
  return notes
}

/** Copies the dispute's deadline and status to its open alert. The alert stays open after evidence is submitted. */
const updateOpenAlert = async (
  tx: ApplyContext['tx'],
  dedupeKeyPrefix: string,
  purchaseId: string,
  { dueAt, status }: { dueAt: Date | null; status: string },
): Promise<void> => {
  await tx.$executeRaw`
    update alerts set due_at = ${dueAt}::timestamptz, detail = detail || jsonb_build_object('status', ${status}::text)
    where purchase_id = ${purchaseId} and starts_with(dedupe_key, ${dedupeKeyPrefix}) and resolved_at is null`
}

const resolveDisputeAlerts = async (tx: ApplyContext['tx'], dedupeKeyPrefix: string, purchaseId: string): Promise<void> => {
  await tx.alert.updateMany({
    where: { purchaseId, dedupeKey: { startsWith: dedupeKeyPrefix }, resolvedAt: null },
    data: { resolvedAt: new Date(), resolvedBy: 'Stripe' },
  })
}
