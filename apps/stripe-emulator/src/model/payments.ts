import { refused, type StripeErrorBody } from '../http/errors.ts'
import type { PaymentIntent, PaymentMethod, Session } from '../store/wire.ts'
import type { World } from '../world.ts'
import { completeSession, getSession } from './checkout.ts'
import { openDispute } from './disputes.ts'
import { checkedCard, type PaymentInput } from './payment-input.ts'
import {
  failCharge,
  failIntent,
  getPaymentIntent,
  intentOf,
  newCharge,
  succeedCharge,
  succeedIntent,
  updateIntent,
} from './payment-intents.ts'
import { customerOf, newPaymentMethod } from './payment-methods.ts'
import { type Decline, testCardByLast4 } from './test-cards.ts'

export interface PayResult {
  outcome: 'paid' | 'processing' | 'requires_action' | 'declined'
  session: Session
  payment_intent: PaymentIntent | null
  error?: StripeErrorBody
}

/** What Stripe's form does when the customer presses "Pay". A decline is a result, not an exception: what it changed stays. */
export const pay = (world: World, sessionId: string, input: PaymentInput): PayResult => {
  const session = getSession(world, sessionId)
  if (session.status === 'complete')
    throw refused('This Checkout Session has already been completed.', { code: 'checkout_session_complete' })
  if (session.status !== 'open') throw refused('This Checkout Session has expired.', { code: 'checkout_session_expired' })
  if (!session.payment_method_types.includes(input.method))
    throw refused(`This Checkout Session takes ${session.payment_method_types.join(', ')}, not ${input.method}.`, {
      param: 'method',
    })
  if (session.amount_total === 0) {
    const complete = completeSession(world, session, {
      payment_status: 'no_payment_required',
      ...collected(world, session, input),
    })
    return { outcome: 'paid', session: complete, payment_intent: null }
  }
  const waiting = session.payment_intent ? world.store.paymentIntents.get(session.payment_intent) : undefined
  if (input.authenticate) return authenticate(world, session, waiting, input)
  const card = input.method === 'card' ? checkedCard(input, world.now()) : undefined
  const method = newPaymentMethod(world, session, input, card)
  const [opened, intent] = intentOf(world, session, waiting)
  if (input.method !== 'card') return debit(world, opened, intent, method, input)
  if (testCardByLast4(method.card?.last4)?.threeDSecure) {
    const asking = updateIntent(world, intent, {
      status: 'requires_action',
      payment_method: method.id,
      next_action: { type: 'use_stripe_sdk', use_stripe_sdk: {} },
      last_payment_error: null,
    })
    world.emit('payment_intent.requires_action', asking)
    return { outcome: 'requires_action', session: opened, payment_intent: asking }
  }
  return chargeCard(world, opened, intent, method, input)
}

/** The customer's answer to the 3D Secure challenge. */
const authenticate = (world: World, session: Session, intent: PaymentIntent | undefined, input: PaymentInput): PayResult => {
  const method = intent?.payment_method ? world.store.paymentMethods.get(intent.payment_method) : undefined
  if (!intent || !method || intent.status !== 'requires_action') throw refused('This payment is not waiting for authentication.')
  if (input.authenticate === 'complete') return chargeCard(world, session, intent, method, input)
  const error: PaymentIntent['last_payment_error'] = {
    type: 'invalid_request_error',
    code: 'payment_intent_authentication_failure',
    message: 'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
    payment_method: method,
  }
  const failed = updateIntent(world, intent, {
    status: 'requires_payment_method',
    payment_method: null,
    next_action: null,
    last_payment_error: error,
  })
  world.emit('payment_intent.payment_failed', failed)
  return {
    outcome: 'declined',
    session,
    payment_intent: failed,
    error: { ...error, type: 'card_error', message: error.message ?? '' },
  }
}

const chargeCard = (
  world: World,
  session: Session,
  intent: PaymentIntent,
  method: PaymentMethod,
  input: PaymentInput,
): PayResult => {
  const card = testCardByLast4(method.card?.last4)
  if (card?.decline) return declineCard(world, session, intent, method, card.decline, card.blocked ?? false)
  const charge = succeedCharge(world, newCharge(world, intent, method))
  const paid = succeedIntent(world, intent, charge)
  const complete = completeSession(world, session, { payment_status: 'paid', ...collected(world, session, input) })
  if (card?.disputed) openDispute(world, charge.id, card.disputed)
  return { outcome: 'paid', session: complete, payment_intent: paid }
}

const declineCard = (
  world: World,
  session: Session,
  intent: PaymentIntent,
  method: PaymentMethod,
  decline: Decline,
  blocked: boolean,
): PayResult => {
  const charge = failCharge(world, newCharge(world, intent, method), decline.code, decline.message, {
    advice_code: null,
    network_advice_code: null,
    network_decline_code: null,
    network_status: blocked ? 'not_sent_to_network' : 'declined_by_network',
    reason: blocked ? 'highest_risk_level' : decline.decline_code,
    risk_level: blocked ? 'highest' : 'normal',
    seller_message: blocked
      ? 'Stripe blocked this payment as too risky.'
      : 'The bank did not return any further details with this decline.',
    type: blocked ? 'blocked' : 'issuer_declined',
  })
  const error = { type: 'card_error', code: decline.code, decline_code: decline.decline_code, message: decline.message } as const
  const failed = failIntent(world, intent, charge, { ...error, charge: charge.id, payment_method: method })
  return { outcome: 'declined', session, payment_intent: failed, error: { ...error, charge: charge.id } }
}

/** A delayed method: the session completes unpaid, and the money comes, or does not, days later. */
const debit = (world: World, session: Session, intent: PaymentIntent, method: PaymentMethod, input: PaymentInput): PayResult => {
  const charge = world.store.charges.put(newCharge(world, intent, method))
  world.emit('charge.pending', charge)
  const processing = updateIntent(world, intent, {
    status: 'processing',
    payment_method: method.id,
    latest_charge: charge.id,
    last_payment_error: null,
    next_action: null,
  })
  world.emit('payment_intent.processing', processing)
  const complete = completeSession(world, session, { payment_status: 'unpaid', ...collected(world, session, input) })
  if (world.settings.settleAfter !== null) world.plan('payment.settle', intent.id, world.settings.settleAfter)
  return { outcome: 'processing', session: complete, payment_intent: processing }
}

export const settle = (world: World, intentId: string, outcome: 'succeeded' | 'failed'): PaymentIntent => {
  const intent = getPaymentIntent(world, intentId)
  const charge = intent.latest_charge ? world.store.charges.get(intent.latest_charge) : undefined
  const [session] = [...world.store.sessions.newest({ index: 'payment_intent', key: intent.id })]
  if (intent.status !== 'processing' || !charge || !session)
    throw refused(`This PaymentIntent is not processing: its status is ${intent.status}.`)
  if (outcome === 'succeeded') {
    const paid = succeedIntent(world, intent, succeedCharge(world, charge))
    world.emit('checkout.session.async_payment_succeeded', world.store.sessions.put({ ...session, payment_status: 'paid' }))
    return paid
  }
  const message = 'The customer’s bank account has insufficient funds to cover this debit.'
  const bounced = failCharge(world, charge, 'insufficient_funds', message, null)
  const failed = failIntent(world, intent, bounced, {
    type: 'card_error',
    code: 'payment_intent_payment_attempt_failed',
    message,
    charge: bounced.id,
  })
  world.emit('checkout.session.async_payment_failed', session)
  return failed
}

const collected = (world: World, session: Session, input: PaymentInput): Partial<Session> => ({
  customer_details: {
    address: { city: null, country: 'US', line1: null, line2: null, postal_code: null, state: null },
    business_name: null,
    individual_name: null,
    ...customerOf(world, session, input),
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  },
  collected_information: { business_name: null, individual_name: null, shipping_details: null },
})
