import { type Account, previousAttributes } from '../account.ts'
import { rejected, resourceMissing } from '../http/errors.ts'
import type { Charge, Refund } from '../store/objects.ts'
import { createBalanceTransaction } from './balance.ts'
import { blankRefund } from './blank-objects.ts'
import { isChargeRefundable } from './disputes.ts'
import { isDebit } from './method-types.ts'
import { amountError, formatCurrency } from './money.ts'
import { findTestCardByFingerprint, type TestCard } from './test-cards.ts'

export interface RefundInput {
  charge?: string | undefined
  payment_intent?: string | undefined
  amount?: number | undefined
  reason?: Refund['reason'] | undefined
  metadata?: Record<string, string>
}

export const getRefund = (account: Account, id: string): Refund => {
  const refund = account.store.refunds.get(id)
  if (!refund) throw resourceMissing('refund', id, 'refund')
  return refund
}

export const createRefund = (account: Account, input: RefundInput): Refund => {
  const charge = chargeToRefund(account, input)
  const refundable = charge.amount_captured - charge.amount_refunded
  if (refundable <= 0) throw rejected(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' })
  const dispute = [...account.store.disputes.newest({ index: 'charge', key: charge.id })].find(
    ({ status }) => !isChargeRefundable(status),
  )
  if (dispute) throw rejected(`Charge ${charge.id} has been charged back; cannot issue a refund.`, { code: 'charge_disputed' })
  const amount = input.amount ?? refundable
  if (amount > refundable) {
    const [requestedText, refundableText] = [formatCurrency(amount, charge.currency), formatCurrency(refundable, charge.currency)]
    const base = charge.amount_refunded > 0 ? 'unrefunded amount on charge' : 'charge amount'
    throw rejected(`Refund amount (${requestedText}) is greater than ${base} (${refundableText})`, { param: 'amount' })
  }
  const invalid = amountError(amount, charge.currency)
  if (invalid) throw rejected(invalid.message, { code: invalid.code, param: 'amount' })
  const delayedOutcome = delayedOutcomeOf(charge)
  const isPending = delayedOutcome === 'pending_first'
  const blank = blankRefund({
    created: account.nowSeconds(),
    amount,
    currency: charge.currency,
    charge: charge.id,
    payment_intent: charge.payment_intent,
    status: isPending ? 'pending' : 'succeeded',
    customer: charge.customer,
    payment_method: charge.payment_method,
    reason: input.reason ?? null,
    metadata: input.metadata ?? {},
    ...(isPending && { pending_reason: 'processing' }),
    destination_details: destinationOf(charge),
  })
  const balanceTransaction = createBalanceTransaction(account, {
    type: 'refund',
    reporting_category: 'refund',
    amount: -amount,
    currency: charge.currency,
    source: blank.id,
    description: 'REFUND FOR CHARGE',
  })
  const refund = account.store.refunds.put({ ...blank, balance_transaction: balanceTransaction.id })
  const before = account.store.charges.get(charge.id) ?? charge
  const after = setRefundedAmount(account, before, before.amount_refunded + amount)
  account.emit('refund.created', refund)
  account.emit('charge.refunded', after, previousAttributes(before, after))
  if (delayedOutcome)
    account.scheduleTask(isPending ? 'refund.succeed' : 'refund.fail', refund.id, account.settings.refundDelaySeconds)
  return refund
}

/** A bank debit is refunded by bank transfer, which takes days, so the refund is pending until the money has arrived. */
const delayedOutcomeOf = ({ payment_method_details: details }: Charge): TestCard['refund'] =>
  isDebit(details?.type ?? '') ? 'pending_first' : findTestCardByFingerprint(details?.card?.fingerprint)?.refund

const destinationOf = ({ payment_method_details: details }: Charge): NonNullable<Refund['destination_details']> => {
  const transfer = { reference: null, reference_status: null }
  switch (details?.type) {
    case 'us_bank_account':
      return { type: 'us_bank_transfer', us_bank_transfer: transfer }
    case 'sepa_debit':
    case 'ideal':
      return { type: 'eu_bank_transfer', eu_bank_transfer: transfer }
    case 'amazon_pay':
      return { type: 'amazon_pay', amazon_pay: {} }
    default:
      return { type: 'card', card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' } }
  }
}

/** Sets the refunded amount of a charge. `refunded` is true only for a full refund. The charge in an event has no list of refunds. */
const setRefundedAmount = (account: Account, charge: Charge, amount: number): Charge =>
  account.store.charges.put({ ...charge, amount_refunded: amount, refunded: amount >= charge.amount })

const chargeToRefund = (account: Account, { charge: id, payment_intent }: RefundInput): Charge => {
  if (id !== undefined) {
    const charge = account.store.charges.get(id)
    if (!charge) throw resourceMissing('charge', id, 'charge')
    if (charge.status !== 'succeeded') throw rejected(`Charge ${id} has not succeeded; it cannot be refunded.`)
    return charge
  }
  const intent = account.store.paymentIntents.get(payment_intent ?? '')
  if (!intent) throw resourceMissing('payment_intent', payment_intent ?? '', 'payment_intent')
  const charge = account.store.charges.get(intent.latest_charge ?? '')
  if (charge?.status !== 'succeeded')
    throw rejected(`This PaymentIntent (${intent.id}) does not have a successful charge to refund.`, { param: 'payment_intent' })
  return charge
}

const CHANGEABLE_STATUSES = ['pending', 'requires_action', 'succeeded']

/**
 * Changes a refund as the bank would. A succeeded refund can still fail (Stripe's page "Failed refunds"). In that case, the money
 * returns to the balance, and the refund no longer counts toward the charge's refunded amount.
 */
export const changeRefund = (
  account: Account,
  id: string,
  status: 'pending' | 'requires_action' | 'succeeded' | 'failed' | 'canceled',
): Refund => {
  const before = getRefund(account, id)
  if (before.status === status) return before
  if (!CHANGEABLE_STATUSES.includes(before.status ?? '')) throw rejected(`Refund ${id} is ${before.status}, which is final.`)
  if (before.status === 'succeeded' && status !== 'failed')
    throw rejected(`Refund ${id} has succeeded; it can only be changed to failed.`)
  const { pending_reason: _, next_action: __, ...rest } = before
  const charge = account.store.charges.get(before.charge ?? '')
  const isUndone = status === 'failed' || status === 'canceled'
  if (isUndone && charge) setRefundedAmount(account, charge, charge.amount_refunded - before.amount)
  const reversal =
    isUndone &&
    createBalanceTransaction(account, {
      type: 'refund_failure',
      reporting_category: 'refund_failure',
      amount: before.amount,
      currency: before.currency,
      source: id,
      description: 'REFUND FAILURE',
    })
  const refund = account.store.refunds.put({
    ...rest,
    status,
    ...(status === 'pending' && { pending_reason: 'processing' }),
    ...(reversal && {
      failure_balance_transaction: reversal.id,
      failure_reason: status === 'failed' ? 'expired_or_canceled_card' : 'merchant_request',
    }),
  })
  emitRefundUpdated(account, before, refund)
  if (status === 'failed') account.emit('refund.failed', refund)
  return refund
}

/** Emits the same two events as Stripe: refund.updated and the older charge.refund.updated. */
export const emitRefundUpdated = (account: Account, before: Refund, refund: Refund): void => {
  const previous = previousAttributes(before, refund)
  account.emit('refund.updated', refund, previous)
  account.emit('charge.refund.updated', refund, previous)
}

/** Implements the API call, which can cancel only a refund that requires action by the buyer. */
export const cancelRefund = (account: Account, id: string): Refund => {
  const { status } = getRefund(account, id)
  if (status !== 'requires_action')
    throw rejected(`Refund ${id} cannot be canceled: its status is ${status}, not requires_action.`)
  return changeRefund(account, id, 'canceled')
}
