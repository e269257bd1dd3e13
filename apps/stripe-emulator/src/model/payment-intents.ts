import { missing } from '../http/errors.ts'
import { newId } from '../ids.ts'
import type { Charge, PaymentIntent, PaymentMethod, Session } from '../store/wire.ts'
import type { World } from '../world.ts'
import { moveMoney, processingFee } from './balance.ts'
import { blankCharge, blankPaymentIntent } from './blank.ts'
import { chargeDetails } from './payment-methods.ts'

export const getPaymentIntent = (world: World, id: string): PaymentIntent => {
  const intent = world.store.paymentIntents.get(id)
  if (!intent) throw missing('payment_intent', id, 'intent')
  return intent
}

export const updateIntent = (world: World, intent: PaymentIntent, patch: Partial<PaymentIntent>): PaymentIntent =>
  world.store.paymentIntents.put({ ...intent, ...patch })

/** Stripe makes the payment intent when the customer first tries to pay (API changelog, 2022-08-01), so it is null until then. */
export const intentOf = (world: World, session: Session, known: PaymentIntent | undefined): [Session, PaymentIntent] => {
  if (known) return [session, known]
  const data = world.store.sessionDetails.get(session.id)?.payment_intent_data
  const intent = world.store.paymentIntents.put(
    blankPaymentIntent({
      created: world.now(),
      amount: session.amount_total ?? 0,
      currency: session.currency ?? 'usd',
      payment_method_types: session.payment_method_types,
      customer: session.customer,
      metadata: data?.metadata ?? {},
      description: data?.description ?? null,
      receipt_email: data?.receipt_email ?? null,
    }),
  )
  world.emit('payment_intent.created', intent)
  return [world.store.sessions.put({ ...session, payment_intent: intent.id }), intent]
}

export const succeedIntent = (world: World, intent: PaymentIntent, charge: Charge): PaymentIntent => {
  const paid = updateIntent(world, intent, {
    status: 'succeeded',
    amount_received: charge.amount,
    latest_charge: charge.id,
    payment_method: charge.payment_method,
    next_action: null,
    last_payment_error: null,
  })
  world.emit('payment_intent.succeeded', paid)
  return paid
}

export const failIntent = (
  world: World,
  intent: PaymentIntent,
  charge: Charge,
  error: PaymentIntent['last_payment_error'],
): PaymentIntent => {
  const failed = updateIntent(world, intent, {
    status: 'requires_payment_method',
    latest_charge: charge.id,
    payment_method: null,
    next_action: null,
    last_payment_error: error,
  })
  world.emit('payment_intent.payment_failed', failed)
  return failed
}

export const succeedCharge = (world: World, charge: Charge): Charge => {
  const { amount, currency, id: source, description } = charge
  const fee = processingFee(amount)
  const money = moveMoney(world, { type: 'charge', reporting_category: 'charge', amount, fee, currency, source, description })
  const succeeded = world.store.charges.put({
    ...charge,
    status: 'succeeded',
    paid: true,
    captured: true,
    amount_captured: amount,
    balance_transaction: money.id,
    outcome: {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: 'approved_by_network',
      reason: null,
      risk_level: 'normal',
      seller_message: 'Payment complete.',
      type: 'authorized',
    },
  })
  world.emit('charge.succeeded', succeeded)
  return succeeded
}

export const failCharge = (world: World, charge: Charge, code: string, message: string, outcome: Charge['outcome']): Charge => {
  const failed = world.store.charges.put({ ...charge, status: 'failed', failure_code: code, failure_message: message, outcome })
  world.emit('charge.failed', failed)
  return failed
}

export const newCharge = (world: World, intent: PaymentIntent, method: PaymentMethod): Charge => {
  const id = newId(method.type === 'card' ? 'charge' : 'bank_charge')
  return blankCharge({
    id,
    created: world.now(),
    amount: intent.amount,
    currency: intent.currency,
    status: 'pending',
    customer: intent.customer,
    description: intent.description,
    metadata: intent.metadata,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: chargeDetails(method),
    billing_details: method.billing_details,
    receipt_email: intent.receipt_email,
    receipt_url: `${world.settings.url}/dashboard/${id}`,
  })
}
