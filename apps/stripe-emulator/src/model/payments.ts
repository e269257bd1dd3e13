import type { Account } from '../account.ts'
import { rejected, type StripeErrorBody } from '../http/errors.ts'
import type { PaymentIntent, PaymentMethod, Session } from '../store/objects.ts'
import { completeSession, getSession } from './checkout.ts'
import { openDispute } from './disputes.ts'
import { type PaymentInput, validateCard } from './payment-input.ts'
import {
  failCharge,
  failIntent,
  getOrCreatePaymentIntent,
  getPaymentIntent,
  newCharge,
  succeedCharge,
  succeedIntent,
  updateIntent,
} from './payment-intents.ts'
import { customerDetails, newPaymentMethod } from './payment-methods.ts'
import { type Decline, findTestCardByLast4 } from './test-cards.ts'

export interface PayResult {
  outcome: 'paid' | 'processing' | 'requires_action' | 'declined'
  session: Session
  payment_intent: PaymentIntent | null
  error?: StripeErrorBody
}

/** The "Pay" button of Stripe's form. A decline is a result, not an exception, so that its changes are committed. */
export const pay = (account: Account, sessionId: string, input: PaymentInput): PayResult => {
  const session = getSession(account, sessionId)
  if (session.status === 'complete')
    throw rejected('This Checkout Session has already been completed.', { code: 'checkout_session_complete' })
  if (session.status !== 'open') throw rejected('This Checkout Session has expired.', { code: 'checkout_session_expired' })
  if (!session.payment_method_types.includes(input.method))
    throw rejected(`This Checkout Session accepts ${session.payment_method_types.join(', ')}, not ${input.method}.`, {
      param: 'method',
    })
  if (session.amount_total === 0) {
    const complete = completeSession(account, session, {
      payment_status: 'no_payment_required',
      ...collectedDetails(account, session, input),
    })
    return { outcome: 'paid', session: complete, payment_intent: null }
  }
  const existing = session.payment_intent ? account.store.paymentIntents.get(session.payment_intent) : undefined
  if (input.authenticate) return authenticate(account, session, existing, input)
  const card = input.method === 'card' ? validateCard(input, account.nowSeconds()) : undefined
  const method = newPaymentMethod(account, session, input, card)
  const [updated, intent] = getOrCreatePaymentIntent(account, session, existing)
  if (input.method !== 'card') return debit(account, updated, intent, method, input)
  if (findTestCardByLast4(method.card?.last4)?.threeDSecure) {
    const awaitingAction = updateIntent(account, intent, {
      status: 'requires_action',
      payment_method: method.id,
      next_action: { type: 'use_stripe_sdk', use_stripe_sdk: {} },
      last_payment_error: null,
    })
    account.emit('payment_intent.requires_action', awaitingAction)
    return { outcome: 'requires_action', session: updated, payment_intent: awaitingAction }
  }
  return chargeCard(account, updated, intent, method, input)
}

/** Applies the result of the 3D Secure challenge. */
const authenticate = (account: Account, session: Session, intent: PaymentIntent | undefined, input: PaymentInput): PayResult => {
  const method = intent?.payment_method ? account.store.paymentMethods.get(intent.payment_method) : undefined
  if (!intent || !method || intent.status !== 'requires_action') throw rejected('This payment is not waiting for authentication.')
  if (input.authenticate === 'complete') return chargeCard(account, session, intent, method, input)
  const error: PaymentIntent['last_payment_error'] = {
    type: 'invalid_request_error',
    code: 'payment_intent_authentication_failure',
    message: 'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
    payment_method: method,
  }
  const failed = updateIntent(account, intent, {
    status: 'requires_payment_method',
    payment_method: null,
    next_action: null,
    last_payment_error: error,
  })
  account.emit('payment_intent.payment_failed', failed)
  return {
    outcome: 'declined',
    session,
    payment_intent: failed,
    error: { ...error, type: 'card_error', message: error.message ?? '' },
  }
}

const chargeCard = (
  account: Account,
  session: Session,
  intent: PaymentIntent,
  method: PaymentMethod,
  input: PaymentInput,
): PayResult => {
  const card = findTestCardByLast4(method.card?.last4)
  if (card?.decline) return declineCard(account, session, intent, method, card.decline, card.blocked ?? false)
  const charge = succeedCharge(account, newCharge(account, intent, method))
  const paid = succeedIntent(account, intent, charge)
  const complete = completeSession(account, session, { payment_status: 'paid', ...collectedDetails(account, session, input) })
  if (card?.disputed) openDispute(account, charge.id, card.disputed)
  return { outcome: 'paid', session: complete, payment_intent: paid }
}

const declineCard = (
  account: Account,
  session: Session,
  intent: PaymentIntent,
  method: PaymentMethod,
  decline: Decline,
  blocked: boolean,
): PayResult => {
  const charge = failCharge(account, newCharge(account, intent, method), decline.code, decline.message, {
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
  const failed = failIntent(account, intent, charge, { ...error, charge: charge.id, payment_method: method })
  return { outcome: 'declined', session, payment_intent: failed, error: { ...error, charge: charge.id } }
}

/** A delayed payment: the session completes unpaid, and the debit succeeds or fails days later. */
const debit = (
  account: Account,
  session: Session,
  intent: PaymentIntent,
  method: PaymentMethod,
  input: PaymentInput,
): PayResult => {
  const charge = account.store.charges.put(newCharge(account, intent, method))
  account.emit('charge.pending', charge)
  const processing = updateIntent(account, intent, {
    status: 'processing',
    payment_method: method.id,
    latest_charge: charge.id,
    last_payment_error: null,
    next_action: null,
  })
  account.emit('payment_intent.processing', processing)
  const complete = completeSession(account, session, { payment_status: 'unpaid', ...collectedDetails(account, session, input) })
  if (account.settings.settleAfterSeconds !== null)
    account.scheduleTask('payment.settle', intent.id, account.settings.settleAfterSeconds)
  return { outcome: 'processing', session: complete, payment_intent: processing }
}

export const settle = (account: Account, intentId: string, outcome: 'succeeded' | 'failed'): PaymentIntent => {
  const intent = getPaymentIntent(account, intentId)
  const charge = intent.latest_charge ? account.store.charges.get(intent.latest_charge) : undefined
  const [session] = [...account.store.sessions.newest({ index: 'payment_intent', key: intent.id })]
  if (intent.status !== 'processing' || !charge || !session)
    throw rejected(`This PaymentIntent is not processing: its status is ${intent.status}.`)
  if (outcome === 'succeeded') {
    const paid = succeedIntent(account, intent, succeedCharge(account, charge))
    account.emit('checkout.session.async_payment_succeeded', account.store.sessions.put({ ...session, payment_status: 'paid' }))
    return paid
  }
  const message = 'The customer’s bank account has insufficient funds to cover this debit.'
  const failedCharge = failCharge(account, charge, 'insufficient_funds', message, null)
  const failed = failIntent(account, intent, failedCharge, {
    type: 'card_error',
    code: 'payment_intent_payment_attempt_failed',
    message,
    charge: failedCharge.id,
  })
  account.emit('checkout.session.async_payment_failed', session)
  return failed
}

const collectedDetails = (account: Account, session: Session, input: PaymentInput): Partial<Session> => ({
  customer_details: {
    address: { city: null, country: 'US', line1: null, line2: null, postal_code: null, state: null },
    business_name: null,
    individual_name: null,
    ...customerDetails(account, session, input),
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  },
  collected_information: { business_name: null, individual_name: null, shipping_details: null },
})
