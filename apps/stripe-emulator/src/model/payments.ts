import type { Account } from '../account.ts'
import { rejected, type StripeErrorBody } from '../http/errors.ts'
import type { PaymentIntent, PaymentMethod, Session } from '../store/objects.ts'
import { type Attempt, applyTestCardEffects, attemptPayment, finishAction } from './attempts.ts'
import { completeSession, getSession, returnUrlOf } from './checkout.ts'
import { createCustomer } from './customers.ts'
import { addManagedTax } from './managed-payments.ts'
import { isRedirect } from './method-types.ts'
import { type PaymentInput, validateCard } from './payment-input.ts'
import {
  failCharge,
  failIntent,
  getOrCreatePaymentIntent,
  getPaymentIntent,
  succeedCharge,
  succeedIntent,
} from './payment-intents.ts'
import { billingDetails, newPaymentMethod } from './payment-methods.ts'

export interface PayResult {
  outcome: Attempt['outcome']
  session: Session
  payment_intent: PaymentIntent | null
  error?: StripeErrorBody
}

/** The "Pay" button of Stripe's form. */
export const pay = (account: Account, sessionId: string, input: PaymentInput): PayResult => {
  const session = payableSession(account, sessionId)
  if (!session.payment_method_types.includes(input.method))
    throw rejected(`This Checkout Session accepts ${session.payment_method_types.join(', ')}, not ${input.method}.`, {
      param: 'method',
    })
  if (session.amount_total === 0) {
    const details = billingDetails(customerDetails(account, session, input))
    const withCustomer = withNewCustomer(account, session, details)
    return {
      outcome: 'paid',
      session: completeSession(account, withCustomer, { payment_status: 'no_payment_required', ...collectedDetails(details) }),
      payment_intent: null,
    }
  }
  const existing = session.payment_intent ? account.store.paymentIntents.get(session.payment_intent) : undefined
  if (input.authenticate) {
    if (!existing) throw rejected('This payment is not waiting for authentication.')
    return applyAttempt(account, session, finishAction(account, existing, input.authenticate))
  }
  const card = input.method === 'card' ? validateCard(input, account.nowSeconds()) : undefined
  const method = newPaymentMethod(account, {
    type: input.method,
    billing_details: billingDetails(customerDetails(account, session, input)),
    ...(card && { card }),
  })
  return payWithMethod(account, session, method)
}

/** The caller has checked that the session is open. */
const payWithMethod = (account: Account, session: Session, method: PaymentMethod): PayResult => {
  const taxed = addManagedTax(account, withNewCustomer(account, session, method.billing_details))
  const [updated, intent] = getOrCreatePaymentIntent(account, taxed)
  const returnUrl = isRedirect(method.type) ? returnUrlOf(updated) : null
  return applyAttempt(account, updated, attemptPayment(account, intent, method, returnUrl))
}

/** Pays a session as Stripe's CLI does for `stripe trigger checkout.session.completed`. */
export const confirmSession = (account: Account, sessionId: string, method: PaymentMethod): PayResult =>
  payWithMethod(account, payableSession(account, sessionId), method)

const payableSession = (account: Account, id: string): Session => {
  const session = getSession(account, id)
  if (session.status === 'complete')
    throw rejected('This Checkout Session has already been completed.', { code: 'checkout_session_complete' })
  if (session.status !== 'open') throw rejected('This Checkout Session has expired.', { code: 'checkout_session_expired' })
  return session
}

/** The customer returns from a payment method with a redirect, or from 3D Secure. The payment need not belong to a session. */
export const finishPaymentAction = (
  account: Account,
  intentId: string,
  result: 'complete' | 'fail',
): Attempt & { session: Session | null } => {
  const intent = getPaymentIntent(account, intentId)
  const attempt = finishAction(account, intent, result)
  const session = sessionOf(account, intent)
  if (session) return { ...attempt, session: applyAttempt(account, session, attempt).session }
  applyTestCardEffects(account, attempt)
  return { ...attempt, session: null }
}

const sessionOf = (account: Account, intent: PaymentIntent): Session | undefined =>
  [...account.store.sessions.newest({ index: 'payment_intent', key: intent.id }, { limit: 1 })][0]

/** A successful attempt completes the session, and so does a pending debit. */
const applyAttempt = (account: Account, session: Session, attempt: Attempt): PayResult => {
  const { outcome, intent, method, error } = attempt
  const result = { outcome, session, payment_intent: intent, ...(error && { error }) }
  if (outcome !== 'paid' && outcome !== 'processing') return result
  const complete = completeSession(account, session, {
    payment_status: outcome === 'paid' ? 'paid' : 'unpaid',
    ...(method && collectedDetails(method.billing_details)),
  })
  applyTestCardEffects(account, attempt)
  return { ...result, session: complete, payment_intent: account.store.paymentIntents.get(intent.id) ?? intent }
}

/** With `customer_creation: always`, Stripe creates the customer when the session is confirmed; otherwise the customer remains a guest. */
const withNewCustomer = (account: Account, session: Session, { email, name }: PaymentMethod['billing_details']): Session =>
  session.customer_creation === 'always' && session.customer === null
    ? account.store.sessions.put({ ...session, customer: createCustomer(account, { email, name }).id })
    : session

/** Details entered in the form take precedence over stored ones. */
const customerDetails = (account: Account, session: Session, input: PaymentInput) => {
  const customer = session.customer ? account.store.customers.get(session.customer) : undefined
  return { email: input.email ?? session.customer_email ?? customer?.email ?? null, name: input.name ?? customer?.name ?? null }
}

const collectedDetails = ({ email, name }: PaymentMethod['billing_details']): Partial<Session> => ({
  customer_details: {
    address: { city: null, country: 'US', line1: null, line2: null, postal_code: null, state: null },
    business_name: null,
    individual_name: null,
    email,
    name,
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  },
  collected_information: { business_name: null, individual_name: null, shipping_details: null },
})

/** Ends a bank debit. */
export const settle = (account: Account, intentId: string, outcome: 'succeeded' | 'failed'): PaymentIntent => {
  const intent = getPaymentIntent(account, intentId)
  const charge = intent.latest_charge ? account.store.charges.get(intent.latest_charge) : undefined
  const session = sessionOf(account, intent)
  if (intent.status !== 'processing' || !charge)
    throw rejected(`This PaymentIntent is not processing: its status is ${intent.status}.`)
  if (outcome === 'succeeded') {
    const paid = succeedIntent(account, intent, succeedCharge(account, charge))
    if (session)
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
  if (session) account.emit('checkout.session.async_payment_failed', session)
  return failed
}
