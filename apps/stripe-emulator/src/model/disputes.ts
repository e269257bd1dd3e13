import { missing, refused } from '../http/errors.ts'
import type { BalanceTransaction, Dispute } from '../store/wire.ts'
import { previousAttributes, type World } from '../world.ts'
import { moveMoney } from './balance.ts'
import { blankDispute } from './blank.ts'

const DISPUTE_FEE = 1500

const ENDED = ['won', 'lost', 'prevented', 'warning_closed']

/** An inquiry (warning_*) can still be refunded, and so can a dispute that was won; otherwise the bank has the money. */
export const isChargeRefundable = (status: Dispute['status']): boolean => status.startsWith('warning_') || status === 'won'

export const getDispute = (world: World, id: string): Dispute => {
  const dispute = world.store.disputes.get(id)
  if (!dispute) throw missing('dispute', id, 'dispute')
  return dispute
}

export interface DisputeInput {
  amount?: number | undefined
  reason?: string | undefined
  status?: Dispute['status'] | undefined
}

/** The bank opens it. Money is withdrawn at once, except for an inquiry and for one that was prevented. */
export const openDispute = (world: World, chargeId: string, input: DisputeInput): Dispute => {
  const charge = world.store.charges.get(chargeId)
  if (!charge) throw missing('charge', chargeId, 'charge')
  if (charge.status !== 'succeeded') throw refused(`Charge ${chargeId} has not succeeded; it cannot be disputed.`)
  const {
    status = 'needs_response',
    reason = 'fraudulent',
    amount = charge.amount - charge.amount_refunded || charge.amount,
  } = input
  if (amount > charge.amount) throw refused('A dispute cannot be larger than its charge.', { param: 'amount' })
  const dispute = world.store.disputes.put(
    blankDispute({
      created: world.now(),
      amount,
      currency: charge.currency,
      charge: charge.id,
      payment_intent: charge.payment_intent,
      status,
      reason,
      is_charge_refundable: isChargeRefundable(status),
      payment_method_details: {
        type: 'card',
        card: {
          brand: charge.payment_method_details?.card?.brand ?? 'visa',
          case_type: isInquiry(status) ? 'inquiry' : 'chargeback',
          network: charge.payment_method_details?.card?.network ?? 'visa',
          network_reason_code: '10',
        },
      },
    }),
  )
  world.store.charges.put({ ...charge, disputed: true })
  world.emit('charge.dispute.created', dispute)
  if (isInquiry(status) || status === 'prevented') return dispute
  const withdrawn = withdraw(world, dispute)
  // Found over when it is first heard of.
  if (ENDED.includes(status)) world.emit('charge.dispute.closed', withdrawn)
  return status === 'won' ? reinstate(world, withdrawn) : withdrawn
}

const isInquiry = (status: Dispute['status']): boolean => status.startsWith('warning_')

const withdraw = (world: World, dispute: Dispute): Dispute =>
  move(world, dispute, 'charge.dispute.funds_withdrawn', {
    reporting_category: 'dispute',
    amount: -dispute.amount,
    fee: DISPUTE_FEE,
    description: 'Chargeback withdrawal',
  })

const reinstate = (world: World, dispute: Dispute): Dispute =>
  move(world, dispute, 'charge.dispute.funds_reinstated', {
    reporting_category: 'dispute_reversal',
    amount: dispute.amount,
    fee: -DISPUTE_FEE,
    description: 'Chargeback reversal',
  })

const move = (
  world: World,
  dispute: Dispute,
  event: 'charge.dispute.funds_withdrawn' | 'charge.dispute.funds_reinstated',
  money: Pick<BalanceTransaction, 'reporting_category' | 'amount' | 'fee' | 'description'>,
): Dispute => {
  const moved = moveMoney(world, { type: 'adjustment', currency: dispute.currency, source: dispute.id, ...money })
  const after = world.store.disputes.put({ ...dispute, balance_transactions: [...dispute.balance_transactions, moved] })
  world.emit(event, after)
  return after
}

const withdrawn = (dispute: Dispute): boolean => dispute.balance_transactions.reduce((sum, { amount }) => sum + amount, 0) < 0

/** What can happen to a dispute: its new status, and the statuses it can come from (Stripe's page "How disputes work"). */
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
export const possibleSteps = (status: Dispute['status']): DisputeStep[] =>
  DISPUTE_STEPS.filter(isDisputeStep).filter((step) => STEPS[step].from.some((from) => from === status))

export const takeStep = (world: World, id: string, step: DisputeStep, patch: Partial<Dispute> = {}): Dispute => {
  const before = getDispute(world, id)
  const { from, to } = STEPS[step]
  if (!from.some((status) => status === before.status))
    throw refused(`A dispute that is ${before.status} cannot take the step ${step}; that needs ${from.join(' or ')}.`)
  const changed = world.store.disputes.put({ ...before, ...patch, status: to, is_charge_refundable: isChargeRefundable(to) })
  const previous = previousAttributes(before, changed)
  world.emit(ENDED.includes(to) ? 'charge.dispute.closed' : 'charge.dispute.updated', changed, previous)
  if (step === 'escalate') return withdraw(world, changed)
  return to === 'won' && withdrawn(changed) ? reinstate(world, changed) : changed
}

/** Accepting the dispute: it is lost. */
export const closeDispute = (world: World, id: string): Dispute => {
  const { status } = getDispute(world, id)
  if (ENDED.includes(status)) throw refused(`This dispute is already closed: its status is ${status}.`)
  return takeStep(world, id, isInquiry(status) ? 'close_warning' : 'lose')
}

/**
 * Evidence is kept or, with `submit`, sent to the bank. In test mode the text decides (Stripe's page "Testing", "Evidence"):
 * winning_evidence, losing_evidence, escalate_inquiry_evidence.
 */
export const submitEvidence = (
  world: World,
  id: string,
  given: Partial<Dispute['evidence']>,
  metadata: Dispute['metadata'],
  submit: boolean,
): Dispute => {
  const before = getDispute(world, id)
  const hasEvidence = Object.keys(given).length > 0
  if (ENDED.includes(before.status) && hasEvidence) throw refused('This dispute is already closed.')
  const evidence = { ...before.evidence, ...given }
  const submitted = submit && hasEvidence
  const patch: Partial<Dispute> = {
    evidence,
    metadata,
    evidence_details: {
      ...before.evidence_details,
      has_evidence: before.evidence_details.has_evidence || hasEvidence,
      submission_count: before.evidence_details.submission_count + (submitted ? 1 : 0),
      submission_method: submitted ? 'manual' : before.evidence_details.submission_method,
    },
  }
  const step = submitted && possibleSteps(before.status).find((name) => name.endsWith('review'))
  const after = step ? takeStep(world, id, step, patch) : world.store.disputes.put({ ...before, ...patch })
  if (!step) world.emit('charge.dispute.updated', after, previousAttributes(before, after))
  const text = submitted ? evidence.uncategorized_text : null
  if (text === 'winning_evidence') world.plan('dispute.win', id, 0)
  if (text === 'losing_evidence') world.plan('dispute.lose', id, 0)
  if (text === 'escalate_inquiry_evidence') world.plan('dispute.escalate', id, 0)
  return after
}
