import type { Account } from '../account.ts'
import { rejected, type StripeErrorBody } from '../http/errors.ts'
import type { Charge, PaymentIntent, PaymentMethod } from '../store/objects.ts'
import { openDispute, warnOfFraud } from './disputes.ts'
import { isDebit, isRedirect } from './method-types.ts'
import { failCharge, failIntent, newCharge, succeedCharge, succeedIntent, updateIntent } from './payment-intents.ts'
import { type Decline, findTestCardByFingerprint, type TestCard } from './test-cards.ts'

/** The result of an attempt to pay a payment intent. A decline is a result, not an exception, so that its changes are committed. */
export interface Attempt {
  outcome: 'paid' | 'processing' | 'requires_action' | 'declined'
  intent: PaymentIntent
  method: PaymentMethod | null
  error?: StripeErrorBody
}

/** Attempts to pay an intent. `returnUrl` is the URL to which a redirect payment method returns the buyer. */
export const attemptPayment = (
  account: Account,
  intent: PaymentIntent,
  method: PaymentMethod,
  returnUrl: string | null,
): Attempt => {
  if (isDebit(method.type)) return debit(account, intent, method)
  if (isRedirect(method.type)) return requireAction(account, intent, method, returnUrl ?? '')
  if (testCardOf(method)?.threeDSecure) return requireAction(account, intent, method, returnUrl)
  return charge(account, intent, method)
}

/** Finishes an attempt after the buyer has completed or failed the 3D Secure challenge or the payment on another website. */
export const finishAction = (account: Account, intent: PaymentIntent, result: 'complete' | 'fail'): Attempt => {
  const method = intent.payment_method ? account.store.paymentMethods.get(intent.payment_method) : undefined
  if (!method || intent.status !== 'requires_action') throw rejected('This payment is not waiting for authentication.')
  if (result === 'complete') return charge(account, intent, method)
  const error: PaymentIntent['last_payment_error'] = {
    type: 'invalid_request_error',
    code: isRedirect(method.type) ? 'payment_intent_payment_attempt_failed' : 'payment_intent_authentication_failure',
    message: isRedirect(method.type)
      ? 'The customer did not approve the PaymentIntent.'
      : 'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
    payment_method: method,
  }
  const failed = updateIntent(account, intent, {
    status: 'requires_payment_method',
    payment_method: null,
    next_action: null,
    last_payment_error: error,
  })
  account.emit('payment_intent.payment_failed', failed)
  return { outcome: 'declined', intent: failed, method, error: { ...error, type: 'card_error', message: error.message ?? '' } }
}

const testCardOf = (method: PaymentMethod | null): TestCard | undefined => findTestCardByFingerprint(method?.card?.fingerprint)

const requireAction = (account: Account, intent: PaymentIntent, method: PaymentMethod, return_url: string | null): Attempt => {
  const awaitingAction = updateIntent(account, intent, {
    status: 'requires_action',
    payment_method: method.id,
    next_action:
      return_url === null
        ? { type: 'use_stripe_sdk', use_stripe_sdk: {} }
        : { type: 'redirect_to_url', redirect_to_url: { return_url, url: `${account.settings.url}/authorize/${intent.id}` } },
    last_payment_error: null,
  })
  account.emit('payment_intent.requires_action', awaitingAction)
  return { outcome: 'requires_action', intent: awaitingAction, method }
}

const charge = (account: Account, intent: PaymentIntent, method: PaymentMethod): Attempt => {
  const card = testCardOf(method)
  if (card?.decline) return decline(account, intent, method, card, card.decline)
  const succeeded = succeedCharge(account, newCharge(account, intent, method), card)
  return { outcome: 'paid', intent: succeedIntent(account, intent, succeeded), method }
}

const decline = (
  account: Account,
  intent: PaymentIntent,
  method: PaymentMethod,
  { blocked, risk }: TestCard,
  { code, decline_code, message }: Decline,
): Attempt => {
  const failedCharge = failCharge(account, newCharge(account, intent, method), code, message, {
    advice_code: null,
    network_advice_code: null,
    network_decline_code: null,
    network_status: blocked ? 'not_sent_to_network' : 'declined_by_network',
    reason: blocked ? (risk === 'highest' ? 'highest_risk_level' : 'rule') : decline_code,
    risk_level: risk,
    seller_message: blocked
      ? 'Stripe blocked this payment as too risky.'
      : 'The bank did not return any further details with this decline.',
    type: blocked ? 'blocked' : 'issuer_declined',
  })
  const error = { type: 'card_error', code, decline_code, message } as const
  const failed = failIntent(account, intent, failedCharge, { ...error, charge: failedCharge.id, payment_method: method })
  return { outcome: 'declined', intent: failed, method, error: { ...error, charge: failedCharge.id } }
}

/** Starts a delayed payment, whose debit succeeds or fails days later. */
const debit = (account: Account, intent: PaymentIntent, method: PaymentMethod): Attempt => {
  const pending = account.store.charges.put(newCharge(account, intent, method))
  account.emit('charge.pending', pending)
  const processing = updateIntent(account, intent, {
    status: 'processing',
    payment_method: method.id,
    latest_charge: pending.id,
    last_payment_error: null,
    next_action: null,
  })
  account.emit('payment_intent.processing', processing)
  if (account.settings.settleAfterSeconds !== null)
    account.scheduleTask('payment.settle', intent.id, account.settings.settleAfterSeconds)
  return { outcome: 'processing', intent: processing, method }
}

/** Creates the disputes and early fraud warnings that Stripe's test cards cause after a payment. */
export const applyTestCardEffects = (account: Account, { outcome, intent, method }: Attempt): void => {
  const card = testCardOf(method)
  const paid: Charge | undefined = account.store.charges.get(intent.latest_charge ?? '')
  if (outcome !== 'paid' || !card || !paid) return
  if (card.earlyFraudWarning) warnOfFraud(account, paid)
  for (const dispute of card.disputes)
    openDispute(account, paid.id, { ...dispute, enhancedEligibility: card.enhancedEligibility })
}
