import { missing, refused } from '../http/errors.ts'
import type { Charge, Refund } from '../store/wire.ts'
import { previousAttributes, type World } from '../world.ts'
import { moveMoney } from './balance.ts'
import { blankRefund } from './blank.ts'
import { isChargeRefundable } from './disputes.ts'
import { amountSign } from './money.ts'
import { testCardByLast4 } from './test-cards.ts'

export interface RefundInput {
  charge?: string | undefined
  payment_intent?: string | undefined
  amount?: number | undefined
  reason?: Refund['reason'] | undefined
  metadata?: Record<string, string>
}

export const getRefund = (world: World, id: string): Refund => {
  const refund = world.store.refunds.get(id)
  if (!refund) throw missing('refund', id, 'refund')
  return refund
}

export const createRefund = (world: World, input: RefundInput): Refund => {
  const charge = chargeToRefund(world, input)
  const left = charge.amount_captured - charge.amount_refunded
  if (left <= 0) throw refused(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' })
  const dispute = [...world.store.disputes.newest({ index: 'charge', key: charge.id })].find(
    ({ status }) => !isChargeRefundable(status),
  )
  if (dispute) throw refused(`Charge ${charge.id} has been charged back; cannot issue a refund.`, { code: 'charge_disputed' })
  const amount = input.amount ?? left
  if (amount > left) {
    const [wanted, possible] = [amountSign(amount, charge.currency), amountSign(left, charge.currency)]
    const of = charge.amount_refunded > 0 ? 'unrefunded amount on charge' : 'charge amount'
    throw refused(`Refund amount (${wanted}) is greater than ${of} (${possible})`, { param: 'amount' })
  }
  const later = testCardByLast4(charge.payment_method_details?.card?.last4)?.refund
  const pending = later === 'pending_first'
  const blank = blankRefund({
    created: world.now(),
    amount,
    currency: charge.currency,
    charge: charge.id,
    payment_intent: charge.payment_intent,
    status: pending ? 'pending' : 'succeeded',
    customer: charge.customer,
    payment_method: charge.payment_method,
    reason: input.reason ?? null,
    metadata: input.metadata ?? {},
    ...(pending && { pending_reason: 'processing' }),
    destination_details: {
      card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
      type: 'card',
    },
  })
  const money = moveMoney(world, {
    type: 'refund',
    reporting_category: 'refund',
    amount: -amount,
    currency: charge.currency,
    source: blank.id,
    description: 'REFUND FOR CHARGE',
  })
  const refund = world.store.refunds.put({ ...blank, balance_transaction: money.id })
  const before = world.store.charges.get(charge.id) ?? charge
  const after = setRefunded(world, before, before.amount_refunded + amount)
  world.emit('refund.created', refund)
  world.emit('charge.refunded', after, previousAttributes(before, after))
  if (later) world.plan(pending ? 'refund.succeed' : 'refund.fail', refund.id, world.settings.refundDelay)
  return refund
}

/** `refunded` is true only when nothing is left; the charge in an event carries no list of refunds. */
const setRefunded = (world: World, charge: Charge, amount: number): Charge =>
  world.store.charges.put({ ...charge, amount_refunded: amount, refunded: amount >= charge.amount })

const chargeToRefund = (world: World, { charge: id, payment_intent }: RefundInput): Charge => {
  if (id !== undefined) {
    const charge = world.store.charges.get(id)
    if (!charge) throw missing('charge', id, 'charge')
    if (charge.status !== 'succeeded') throw refused(`Charge ${id} has not succeeded; it cannot be refunded.`)
    return charge
  }
  const intent = world.store.paymentIntents.get(payment_intent ?? '')
  if (!intent) throw missing('payment_intent', payment_intent ?? '', 'payment_intent')
  const charge = world.store.charges.get(intent.latest_charge ?? '')
  if (charge?.status !== 'succeeded')
    throw refused(`This PaymentIntent (${intent.id}) does not have a successful charge to refund.`, { param: 'payment_intent' })
  return charge
}

const STANDS = ['pending', 'requires_action', 'succeeded']

/**
 * The bank's answer. A succeeded refund can still become failed ("Failed refunds"): the money comes back to the balance, and the
 * charge counts it as not refunded.
 */
export const changeRefund = (
  world: World,
  id: string,
  status: 'pending' | 'requires_action' | 'succeeded' | 'failed' | 'canceled',
): Refund => {
  const before = getRefund(world, id)
  if (before.status === status) return before
  if (!STANDS.includes(before.status ?? '')) throw refused(`Refund ${id} is ${before.status}: that is final.`)
  if (before.status === 'succeeded' && status !== 'failed') throw refused(`Refund ${id} has succeeded: it can only fail now.`)
  const { pending_reason: _, next_action: __, ...kept } = before
  const charge = world.store.charges.get(before.charge ?? '')
  const ended = status === 'failed' || status === 'canceled'
  if (ended && charge) setRefunded(world, charge, charge.amount_refunded - before.amount)
  const back =
    ended &&
    moveMoney(world, {
      type: 'refund_failure',
      reporting_category: 'refund_failure',
      amount: before.amount,
      currency: before.currency,
      source: id,
      description: 'REFUND FAILURE',
    })
  const refund = world.store.refunds.put({
    ...kept,
    status,
    ...(status === 'pending' && { pending_reason: 'processing' }),
    ...(back && {
      failure_balance_transaction: back.id,
      failure_reason: status === 'failed' ? 'expired_or_canceled_card' : 'merchant_request',
    }),
  })
  announceRefund(world, before, refund)
  if (status === 'failed') world.emit('refund.failed', refund)
  return refund
}

/** Stripe sends both: refund.updated, and the older charge.refund.updated. */
export const announceRefund = (world: World, before: Refund, refund: Refund): void => {
  const previous = previousAttributes(before, refund)
  world.emit('refund.updated', refund, previous)
  world.emit('charge.refund.updated', refund, previous)
}

/** By the API: only a refund that waits for the customer can be canceled. */
export const cancelRefund = (world: World, id: string): Refund => {
  const { status } = getRefund(world, id)
  if (status !== 'requires_action')
    throw refused(`Refund ${id} cannot be canceled: its status is ${status}, not requires_action.`)
  return changeRefund(world, id, 'canceled')
}
