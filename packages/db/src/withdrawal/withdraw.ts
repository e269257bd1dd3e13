import { createHash } from 'node:crypto'
import { decideWithdrawal, project, type WithdrawalDecision } from '@pay-to-view/purchase'
import type { RefundRequest } from '@pay-to-view/workflow-client/types'
import { lockUser, notifyAccess } from '../access.ts'
import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'
import { alignRenewals } from '../grants/align-renewals.ts'
import { purchaseTerms, readStoredFacts } from '../json-columns.ts'
import { recordPurchaseAccessMessage } from '../outbox/access-message.ts'
import { withdrawalEmail } from '../outbox/email-messages.ts'
import { recordMessages } from '../outbox/record-messages.ts'
import { type PurchaseWithGrant, readPurchase } from '../read-purchase.ts'
import { refundDecisionColumns } from '../refunds.ts'
import { transferAccess } from '../transfer-access.ts'
import { WITHDRAWAL_ACTOR } from './actor.ts'

type Tx = Prisma.TransactionClient

interface Money {
  amount: number
  currency: string
}

/** A confirmed withdrawal, whether from this call or from an earlier call. */
export interface Withdrawal {
  withdrawnAt: Date
  /** Null for a free order. */
  refund: Money | null
}

export interface WithdrawalCall {
  userId: string
  purchaseId: string
  /** Whether the site offers withdrawals (CONSENT=eu). */
  isOffered: boolean
  /** False if the caller wants only a preview. */
  isConfirmed: boolean
}

/** The outcome that a withdrawal would have. `amount` is the amount to refund; null for a free order. */
export type WithdrawalPreview = WithdrawalDecision & { amount: Money | null }

/** Request ids are at most 200 printable ASCII characters, so an imported purchase's id is hashed if it is longer or has other characters. */
const requestIdOf = (purchaseId: string): string =>
  `withdrawal-${/^[\x21-\x7e]{1,189}$/.test(purchaseId) ? purchaseId : createHash('sha256').update(purchaseId).digest('hex')}`

/**
 * Returns the refund request for a withdrawal. The request's id is derived from the purchase id, so each purchase is refunded only once.
 */
export const withdrawalRefund = (purchaseId: string): RefundRequest => ({
  requestId: requestIdOf(purchaseId),
  amount: null,
  reason: 'The buyer withdrew from the contract',
  by: WITHDRAWAL_ACTOR,
})

/** The minimum interval after which a repeated step is logged again, so a page that calls in a loop does not fill the log. */
const logIntervalMs = 60_000

type Step = Prisma.WithdrawalStepUncheckedCreateInput

const logOnce = async (tx: Tx, { purchaseId, step, reason = null, at }: Step & { at: Date }): Promise<void> => {
  const recent = { purchaseId, step, reason, at: { gt: new Date(at.getTime() - logIntervalMs) } }
  if ((await tx.withdrawalStep.count({ where: recent })) > 0) return
  await tx.withdrawalStep.create({ data: { purchaseId, step, reason, at } })
}

/** Ends the access immediately. A concurrent start of playback waits for the user's lock and then finds no access. */
const endAccess = async (tx: Tx, purchase: PurchaseWithGrant, now: Date): Promise<void> => {
  const { id: purchaseId, userId, entityId } = purchase
  const data = { revokedAt: now, revokedBy: WITHDRAWAL_ACTOR, revokedReason: withdrawalRefund(purchaseId).reason }
  const { count } = await tx.grant.updateMany({ where: { purchaseId, revokedAt: null }, data })
  if (count === 0) return
  await notifyAccess(tx, userId, entityId)
  await recordPurchaseAccessMessage(tx, { type: 'access.revoked', purchaseId })
  await alignRenewals(tx, userId, now)
  await transferAccess(tx, purchase, { kind: 'access_transferred', from: purchaseId })
}

const confirmWithdrawal = async (
  tx: Tx,
  purchase: PurchaseWithGrant,
  { amount, refund }: WithdrawalPreview & { possible: true },
  now: Date,
): Promise<Withdrawal> => {
  const { id: purchaseId, userId } = purchase
  const { requestId, amount: requestedAmount, reason, by: requestedBy } = withdrawalRefund(purchaseId)
  await tx.purchase.update({ where: { id: purchaseId }, data: { withdrawnAt: now, updatedAt: now } })
  await tx.withdrawalStep.create({ data: { purchaseId, step: 'confirmed', at: now, ...amount } })
  await tx.refundRequest.create({
    data: { purchaseId, requestId, requestedAmount, reason, requestedBy, ...refundDecisionColumns(refund) },
  })
  await recordMessages(tx, async () => withdrawalEmail({ userId, purchaseId }, { at: now, amount: amount?.amount ?? 0 }))
  await endAccess(tx, purchase, now)
  return { withdrawnAt: now, refund: amount }
}

const readWithdrawal = async (tx: Tx, purchaseId: string): Promise<Withdrawal> => {
  const { at, amount, currency } = await tx.withdrawalStep.findFirstOrThrow({ where: { purchaseId, step: 'confirmed' } })
  return { withdrawnAt: at, refund: amount === null || currency === null ? null : { amount, currency } }
}

const decide = (purchase: PurchaseWithGrant, isOffered: boolean, now: Date): WithdrawalPreview => {
  const facts = readStoredFacts(purchase.id, purchase.facts)
  const { settlement } = project(facts, purchaseTerms(purchase))
  const { withdrawnAt, completedAt: paidAt, grant, consentVersion } = purchase
  const decision = decideWithdrawal(
    {
      ...{ isOffered, withdrawnAt, facts, settlement, paidAt },
      hasConsent: consentVersion !== null,
      firstPlayedAt: grant?.firstPlayedAt ?? null,
    },
    now,
  )
  const amount = decision.possible && 'paymentIntentId' in decision.refund ? decision.refund.amount : null
  return { ...decision, amount: amount === null ? null : { amount, currency: purchase.currencyPaid ?? purchase.currency } }
}

/**
 * Decides under the user's lock whether the buyer may withdraw from a purchase, and logs the step. A confirmed withdrawal ends the access
 * and records the refund request in the same transaction. The purchase's workflow carries out the refund. A repeated confirmation returns
 * the first withdrawal. Returns null if the user has no such purchase.
 */
export const withdraw = (
  db: Db,
  { userId, purchaseId, isOffered, isConfirmed }: WithdrawalCall,
): Promise<{ preview: WithdrawalPreview } | { withdrawal: Withdrawal } | null> =>
  db.$transaction(async (tx) => {
    await lockUser(tx, userId)
    const own = await tx.purchase.findUnique({ where: { id: purchaseId, userId }, select: { id: true } })
    if (!own) return null
    const purchase = await readPurchase(tx, purchaseId)
    if (isConfirmed && purchase.withdrawnAt !== null) return { withdrawal: await readWithdrawal(tx, purchaseId) }
    const now = new Date()
    const preview = decide(purchase, isOffered, now)
    if (preview.possible && isConfirmed) return { withdrawal: await confirmWithdrawal(tx, purchase, preview, now) }
    if (preview.possible) await logOnce(tx, { purchaseId, step: 'requested', at: now })
    else if (isOffered) await logOnce(tx, { purchaseId, step: 'refused', reason: preview.reason, at: now })
    return { preview }
  })
