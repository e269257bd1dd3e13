import { type Account, previousAttributes } from '../account.ts'
import { rejected, resourceMissing } from '../http/errors.ts'
import { newId } from '../ids.ts'
import type { BalanceTransaction, Charge, Dispute } from '../store/objects.ts'
import { createBalanceTransaction } from './balance.ts'
import { blankDispute } from './blank-objects.ts'

/** The fee for a dispute, in minor units of the charge's currency. */
const DISPUTE_FEE = 1500

const CLOSED_STATUSES = ['won', 'lost', 'prevented', 'warning_closed']

/**
 * Charges with an inquiry (warning_*) or a won dispute can be refunded. In every other dispute status, the bank holds the money.
 */
export const isChargeRefundable = (status: Dispute['status']): boolean => status.startsWith('warning_') || status === 'won'

export const getDispute = (account: Account, id: string): Dispute => {
  const dispute = account.store.disputes.get(id)
  if (!dispute) throw resourceMissing('dispute', id, 'dispute')
  return withPastDue(account, dispute)
}

/** Returns the dispute with the current value of `past_due`. It is computed on every read, because Stripe sends no event when the deadline passes. */
const withPastDue = (account: Account, dispute: Dispute): Dispute => {
  const { due_by } = dispute.evidence_details
  const past_due = due_by !== null && due_by < account.nowSeconds()
  return { ...dispute, evidence_details: { ...dispute.evidence_details, past_due } }
}

export interface DisputeInput {
  amount?: number | undefined
  reason?: string | undefined
  status?: Dispute['status'] | undefined
  enhancedEligibility?: Dispute['enhanced_eligibility_types']
  /** The deadline for evidence, in seconds since the epoch. */
  dueBy?: number | undefined
}

/** Opens a dispute as the bank would. The money is withdrawn immediately unless the dispute is an inquiry or was prevented. */
export const openDispute = (account: Account, chargeId: string, input: DisputeInput): Dispute => {
  const charge = account.store.charges.get(chargeId)
  if (!charge) throw resourceMissing('charge', chargeId, 'charge')
  if (charge.status !== 'succeeded') throw rejected(`Charge ${chargeId} has not succeeded; it cannot be disputed.`)
  const {
    status = 'needs_response',
    reason = 'fraudulent',
    amount = charge.amount - charge.amount_refunded || charge.amount,
    enhancedEligibility = [],
    dueBy,
  } = input
  if (amount > charge.amount) throw rejected('A dispute cannot be larger than its charge.', { param: 'amount' })
  const blank = blankDispute({
    created: account.nowSeconds(),
    amount,
    currency: charge.currency,
    charge: charge.id,
    payment_intent: charge.payment_intent,
    status,
    reason,
    is_charge_refundable: isChargeRefundable(status),
    enhanced_eligibility_types: enhancedEligibility,
    payment_method_details: {
      type: 'card',
      card: {
        brand: charge.payment_method_details?.card?.brand ?? 'visa',
        case_type: isInquiry(status) ? 'inquiry' : reason === 'noncompliant' ? 'compliance' : 'chargeback',
        network: charge.payment_method_details?.card?.network ?? 'visa',
        network_reason_code: '10',
      },
    },
  })
  const dispute = account.store.disputes.put(
    withPastDue(account, {
      ...blank,
      evidence_details: { ...blank.evidence_details, due_by: dueBy ?? blank.evidence_details.due_by },
    }),
  )
  account.store.charges.put({ ...charge, disputed: true })
  account.emit('charge.dispute.created', dispute)
  if (isInquiry(status) || status === 'prevented') return dispute
  const afterWithdrawal = withdrawFunds(account, dispute)
  if (CLOSED_STATUSES.includes(status)) account.emit('charge.dispute.closed', afterWithdrawal)
  return status === 'won' ? reinstateFunds(account, afterWithdrawal) : afterWithdrawal
}

/** Creates an early fraud warning, as the card network would. Nothing else changes. */
export const warnOfFraud = (account: Account, { id, payment_intent }: Charge): void => {
  account.emit('radar.early_fraud_warning.created', {
    id: newId('early_fraud_warning'),
    object: 'radar.early_fraud_warning',
    actionable: true,
    charge: id,
    created: account.nowSeconds(),
    fraud_type: 'made_with_stolen_card',
    livemode: false,
    payment_intent,
  })
}

const isInquiry = (status: Dispute['status']): boolean => status.startsWith('warning_')

const withdrawFunds = (account: Account, dispute: Dispute): Dispute =>
  moveFunds(account, dispute, 'charge.dispute.funds_withdrawn', {
    reporting_category: 'dispute',
    amount: -dispute.amount,
    fee: DISPUTE_FEE,
    description: 'Chargeback withdrawal',
  })

const reinstateFunds = (account: Account, dispute: Dispute): Dispute =>
  moveFunds(account, dispute, 'charge.dispute.funds_reinstated', {
    reporting_category: 'dispute_reversal',
    amount: dispute.amount,
    fee: -DISPUTE_FEE,
    description: 'Chargeback reversal',
  })

const moveFunds = (
  account: Account,
  dispute: Dispute,
  event: 'charge.dispute.funds_withdrawn' | 'charge.dispute.funds_reinstated',
  input: Pick<BalanceTransaction, 'reporting_category' | 'amount' | 'fee' | 'description'>,
): Dispute => {
  const balanceTransaction = createBalanceTransaction(account, {
    type: 'adjustment',
    currency: dispute.currency,
    source: dispute.id,
    ...input,
  })
  const after = account.store.disputes.put({
    ...dispute,
    balance_transactions: [...dispute.balance_transactions, balanceTransaction],
  })
  account.emit(event, after)
  return after
}

const hasWithdrawnFunds = (dispute: Dispute): boolean =>
  dispute.balance_transactions.reduce((sum, { amount }) => sum + amount, 0) < 0

/** The steps of a dispute, each with the statuses that allow it and the new status (Stripe's page "How disputes work"). */
const STEPS = {
  review: { from: ['needs_response'], to: 'under_review' },
  warning_review: { from: ['warning_needs_response'], to: 'warning_under_review' },
  win: { from: ['needs_response', 'under_review', 'appeal_needs_response', 'appeal_under_review'], to: 'won' },
  lose: { from: ['needs_response', 'under_review', 'appeal_needs_response', 'appeal_under_review'], to: 'lost' },
  appeal: { from: ['lost'], to: 'appeal_needs_response' },
  appeal_review: { from: ['appeal_needs_response'], to: 'appeal_under_review' },
  prevent: { from: ['needs_response', 'warning_needs_response'], to: 'prevented' },
  close_warning: { from: ['warning_needs_response', 'warning_under_review'], to: 'warning_closed' },
  escalate: { from: ['warning_needs_response', 'warning_under_review'], to: 'needs_response' },
} as const satisfies Record<string, { from: Dispute['status'][]; to: Dispute['status'] }>

export type DisputeStep = keyof typeof STEPS
export const DISPUTE_STEPS = Object.keys(STEPS)
export const isDisputeStep = (name: string): name is DisputeStep => name in STEPS
export const allowedSteps = (status: Dispute['status']): DisputeStep[] =>
  DISPUTE_STEPS.filter(isDisputeStep).filter((step) => STEPS[step].from.some((from) => from === status))

export const applyDisputeStep = (account: Account, id: string, step: DisputeStep, patch: Partial<Dispute> = {}): Dispute => {
  const before = getDispute(account, id)
  const { from, to } = STEPS[step]
  if (!from.some((status) => status === before.status))
    throw rejected(
      `The step ${step} requires a dispute with status ${from.join(' or ')}; the status of ${id} is ${before.status}.`,
    )
  const changed = account.store.disputes.put({ ...before, ...patch, status: to, is_charge_refundable: isChargeRefundable(to) })
  const previous = previousAttributes(before, changed)
  account.emit(CLOSED_STATUSES.includes(to) ? 'charge.dispute.closed' : 'charge.dispute.updated', changed, previous)
  if (step === 'escalate') return withdrawFunds(account, changed)
  return to === 'won' && hasWithdrawnFunds(changed) ? reinstateFunds(account, changed) : changed
}

/** Closes a dispute. Closing means accepting, so the dispute is lost. */
export const closeDispute = (account: Account, id: string): Dispute => {
  const { status } = getDispute(account, id)
  if (CLOSED_STATUSES.includes(status)) throw rejected(`This dispute is already closed: its status is ${status}.`)
  return applyDisputeStep(account, id, isInquiry(status) ? 'close_warning' : 'lose')
}

/** The total limit for all text fields (Stripe's API reference, "Update a dispute"). */
const maxEvidenceLength = 150_000

const textLength = (evidence: Dispute['evidence']): number =>
  Object.values(evidence).reduce((sum: number, value) => sum + (typeof value === 'string' ? value.length : 0), 0)

const isAwaitingResponse = ({ status }: Dispute): boolean => status.endsWith('needs_response')

/** Stripe's API reference says only that evidence can typically be submitted once. The wording of these errors is a guess. */
const requireEditable = (dispute: Dispute): void => {
  if (CLOSED_STATUSES.includes(dispute.status)) throw rejected('This dispute is already closed.')
  if (!isAwaitingResponse(dispute)) throw rejected('Evidence for this dispute was already submitted.')
  if (dispute.evidence_details.past_due) throw rejected('The deadline for submitting evidence for this dispute has passed.')
}

/**
 * Saves evidence and, with `submit`, sends it to the bank. In test mode, the evidence text determines the outcome (Stripe's page "Testing",
 * "Evidence"): winning_evidence, losing_evidence or escalate_inquiry_evidence.
 */
export const submitEvidence = (
  account: Account,
  id: string,
  newEvidence: Partial<Dispute['evidence']>,
  metadata: Dispute['metadata'],
  submit: boolean,
): Dispute => {
  const before = getDispute(account, id)
  const isChanged = Object.keys(newEvidence).length > 0
  if (isChanged) requireEditable(before)
  const evidence = { ...before.evidence, ...newEvidence }
  if (textLength(evidence) > maxEvidenceLength)
    throw rejected(`The evidence may have at most ${maxEvidenceLength} characters in all.`, { param: 'evidence' })
  // Any later request without `submit: false` submits staged evidence.
  const hasEvidence = textLength(evidence) > 0
  const isSubmitted = submit && hasEvidence && isAwaitingResponse(before)
  if (isSubmitted) requireEditable(before)
  const patch: Partial<Dispute> = {
    evidence,
    metadata,
    evidence_details: {
      ...before.evidence_details,
      has_evidence: hasEvidence,
      submission_count: before.evidence_details.submission_count + (isSubmitted ? 1 : 0),
      submission_method: isSubmitted ? 'manual' : before.evidence_details.submission_method,
    },
  }
  const step = isSubmitted && allowedSteps(before.status).find((name) => name.endsWith('review'))
  const after = step ? applyDisputeStep(account, id, step, patch) : account.store.disputes.put({ ...before, ...patch })
  if (!step) account.emit('charge.dispute.updated', after, previousAttributes(before, after))
  const text = isSubmitted ? evidence.uncategorized_text : null
  if (text === 'winning_evidence') account.scheduleTask('dispute.win', id, 0)
  if (text === 'losing_evidence') account.scheduleTask('dispute.lose', id, 0)
  if (text === 'escalate_inquiry_evidence') account.scheduleTask('dispute.escalate', id, 0)
  return after
}
