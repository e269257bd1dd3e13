import type { Account } from '../account.ts'
import { resourceMissing } from '../http/errors.ts'
import { newId } from '../ids.ts'
import type { Charge, PaymentIntent, PaymentMethod, Session } from '../store/objects.ts'
import { createBalanceTransaction, processingFee } from './balance.ts'
import { blankCharge, blankPaymentIntent } from './blank-objects.ts'
import { chargeMethodDetails } from './payment-methods.ts'
import type { TestCard } from './test-cards.ts'

export const getPaymentIntent = (account: Account, id: string): PaymentIntent => {
  const intent = account.store.paymentIntents.get(id)
  if (!intent) throw resourceMissing('payment_intent', id, 'intent')
  return intent
}

export const updateIntent = (account: Account, intent: PaymentIntent, patch: Partial<PaymentIntent>): PaymentIntent =>
  account.store.paymentIntents.put({ ...intent, ...patch })

/**
 * Returns the session's payment intent. As in Stripe, it is created when the buyer first tries to pay; the session's `payment_intent` is
 * null until then (API changelog, 2022-08-01).
 */
export const getOrCreatePaymentIntent = (account: Account, session: Session): [Session, PaymentIntent] => {
  const existing = account.store.paymentIntents.get(session.payment_intent ?? '')
  // The buyer may have applied a code or selected another country since the last attempt.
  if (existing)
    return [session, updateIntent(account, existing, { amount: session.amount_total ?? 0, customer: session.customer })]
  const data = account.store.sessionDetails.get(session.id)?.payment_intent_data
  const intent = account.store.paymentIntents.put(
    blankPaymentIntent({
      created: account.nowSeconds(),
      amount: session.amount_total ?? 0,
      currency: session.currency ?? 'usd',
      payment_method_types: session.payment_method_types,
      customer: session.customer,
      managed_payments: session.managed_payments,
      metadata: data?.metadata ?? {},
      description: data?.description ?? null,
      receipt_email: data?.receipt_email ?? null,
      shipping: data?.shipping ?? null,
      statement_descriptor: data?.statement_descriptor ?? null,
      statement_descriptor_suffix: data?.statement_descriptor_suffix ?? null,
    }),
  )
  account.emit('payment_intent.created', intent)
  return [account.store.sessions.put({ ...session, payment_intent: intent.id }), intent]
}

/** Cancels the payment intent of a failed attempt after the order has become free. */
export const cancelAbandoned = (account: Account, intent: PaymentIntent): PaymentIntent => {
  const canceled = updateIntent(account, intent, {
    status: 'canceled',
    canceled_at: account.nowSeconds(),
    cancellation_reason: 'automatic',
    next_action: null,
  })
  account.emit('payment_intent.canceled', canceled)
  return canceled
}

export const succeedIntent = (account: Account, intent: PaymentIntent, charge: Charge): PaymentIntent => {
  const paid = updateIntent(account, intent, {
    status: 'succeeded',
    amount_received: charge.amount,
    latest_charge: charge.id,
    payment_method: charge.payment_method,
    next_action: null,
    last_payment_error: null,
  })
  account.emit('payment_intent.succeeded', paid)
  return paid
}

export const failIntent = (
  account: Account,
  intent: PaymentIntent,
  charge: Charge,
  error: PaymentIntent['last_payment_error'],
): PaymentIntent => {
  const failed = updateIntent(account, intent, {
    status: 'requires_payment_method',
    latest_charge: charge.id,
    payment_method: null,
    next_action: null,
    last_payment_error: error,
  })
  account.emit('payment_intent.payment_failed', failed)
  return failed
}

export const succeedCharge = (account: Account, charge: Charge, card?: TestCard): Charge => {
  const { amount, currency, id: source, description } = charge
  const fee = processingFee(amount)
  const balanceTransaction = createBalanceTransaction(account, {
    type: 'charge',
    reporting_category: 'charge',
    amount,
    fee,
    currency,
    source,
    description,
    isAvailable: card?.bypassesPending ?? false,
  })
  const succeeded = account.store.charges.put({
    ...charge,
    status: 'succeeded',
    paid: true,
    captured: true,
    amount_captured: amount,
    balance_transaction: balanceTransaction.id,
    outcome: {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: 'approved_by_network',
      reason: null,
      risk_level: card?.risk ?? 'normal',
      seller_message: 'Payment complete.',
      type: 'authorized',
    },
  })
  account.emit('charge.succeeded', succeeded)
  return succeeded
}

export const failCharge = (
  account: Account,
  charge: Charge,
  code: string,
  message: string,
  outcome: Charge['outcome'],
): Charge => {
  const failed = account.store.charges.put({ ...charge, status: 'failed', failure_code: code, failure_message: message, outcome })
  account.emit('charge.failed', failed)
  return failed
}

export const newCharge = (account: Account, intent: PaymentIntent, method: PaymentMethod): Charge => {
  const id = newId(method.type === 'card' ? 'charge' : 'other_charge')
  return blankCharge({
    id,
    created: account.nowSeconds(),
    amount: intent.amount,
    currency: intent.currency,
    status: 'pending',
    customer: intent.customer,
    description: intent.description,
    metadata: intent.metadata,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: chargeMethodDetails(method),
    billing_details: method.billing_details,
    receipt_email: intent.receipt_email,
    shipping: intent.shipping,
    receipt_url: `${account.settings.url}/receipts/${id}`,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
  })
}
