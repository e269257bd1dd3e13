import type { Account } from '../account.ts'
import { rejected, type StripeErrorBody } from '../http/errors.ts'
import { fullAddress } from '../http/params.ts'
import type { BuyerLocation, PaymentIntent, PaymentMethod, Session } from '../store/objects.ts'
import { type Attempt, applyTestCardEffects, attemptPayment, finishAction } from './attempts.ts'
import { completeSession, getSession, returnUrlOf } from './checkout.ts'
import { createCustomer } from './customers.ts'
import { assertDiscountAvailable, readyToPay } from './form-input.ts'
import { createPaidInvoice } from './invoices.ts'
import { isRedirect } from './method-types.ts'
import { type PaymentInput, validateCard } from './payment-input.ts'
import {
  cancelAbandoned,
  failCharge,
  failIntent,
  getOrCreatePaymentIntent,
  getPaymentIntent,
  succeedCharge,
  succeedIntent,
} from './payment-intents.ts'
import { billingDetails, newPaymentMethod } from './payment-methods.ts'

type BillingDetails = PaymentMethod['billing_details']

export interface PayResult {
  outcome: Attempt['outcome']
  session: Session
  payment_intent: PaymentIntent | null
  error?: StripeErrorBody
}

/** Pays a session, like the "Pay" button of Stripe's checkout form. */
export const pay = (account: Account, sessionId: string, input: PaymentInput): PayResult => {
  const open = payableSession(account, sessionId)
  if (!open.payment_method_types.includes(input.method))
    throw rejected(`This Checkout Session accepts ${open.payment_method_types.join(', ')}, not ${input.method}.`, {
      param: 'method',
    })
  const existing = open.payment_intent ? account.store.paymentIntents.get(open.payment_intent) : undefined
  if (input.authenticate) {
    if (!existing) throw rejected('This payment is not waiting for authentication.')
    if (input.authenticate === 'complete') assertDiscountAvailable(account, open)
    return applyAttempt(account, open, finishAction(account, existing, input.authenticate))
  }
  if (open.consent_collection?.terms_of_service === 'required' && input.consent === false)
    throw rejected('You must accept the terms of service to continue.', { param: 'consent' })
  const session = readyToPay(account, open, { promotion_code: input.promotionCode, country: input.country, tax_id: input.taxId })
  const billing = billingDetails(enteredDetails(account, session, input))
  if (session.amount_total === 0) return completeFreeOrder(account, session, billing)
  const card = input.method === 'card' ? validateCard(input, account.nowSeconds()) : undefined
  const method = newPaymentMethod(account, { type: input.method, billing_details: billing, ...(card && { card }) })
  return payWithMethod(account, session, method)
}

/** Creates the session's invoice. If the settings delay invoices, schedules a task that creates it later. */
const createInvoiceNow = (...[account, session, billing, intent]: Parameters<typeof createPaidInvoice>) => {
  if (account.settings.invoiceDelaySeconds === null) return createPaidInvoice(account, session, billing, intent)
  account.scheduleTask('invoice.create', session.id, account.settings.invoiceDelaySeconds)
  return undefined
}

export const createLateInvoice = (account: Account, sessionId: string): void => {
  const session = getSession(account, sessionId)
  const { email = null, name = null } = session.customer_details ?? {}
  const intent = account.store.paymentIntents.get(session.payment_intent ?? '') ?? null
  const invoice = createPaidInvoice(account, session, billingDetails({ email, name }), intent)
  if (invoice) account.store.sessions.put({ ...session, invoice: invoice.id })
}

/** Completes a free order. It has no payment intent, and its customer is never a guest (Stripe's page "No-cost orders"). */
const completeFreeOrder = (account: Account, session: Session, billing: BillingDetails): PayResult => {
  const abandoned = session.payment_intent ? account.store.paymentIntents.get(session.payment_intent) : undefined
  if (abandoned) cancelAbandoned(account, abandoned)
  const withCustomer = withNewCustomer(account, { ...session, payment_intent: null }, billing)
  const invoice = createInvoiceNow(account, withCustomer, billing, null)
  const complete = completeSession(account, withCustomer, {
    payment_status: 'no_payment_required',
    ...(invoice && { invoice: invoice.id }),
    ...collectedDetails(account, session, billing),
  })
  return { outcome: 'paid', session: complete, payment_intent: null }
}

/** Attempts the payment. The caller has checked that the session is open and that its totals are up to date. */
const payWithMethod = (account: Account, session: Session, method: PaymentMethod): PayResult => {
  const withCustomer = withNewCustomer(account, session, method.billing_details)
  const [updated, intent] = getOrCreatePaymentIntent(account, withCustomer)
  const returnUrl = isRedirect(method.type) ? returnUrlOf(updated) : null
  return applyAttempt(account, updated, attemptPayment(account, intent, method, returnUrl))
}

/** Pays a session in the same way as Stripe's CLI does for `stripe trigger checkout.session.completed`. */
export const confirmSession = (account: Account, sessionId: string, method: PaymentMethod): PayResult =>
  payWithMethod(account, readyToPay(account, payableSession(account, sessionId), {}), method)

const payableSession = (account: Account, id: string): Session => {
  const session = getSession(account, id)
  if (session.status === 'complete')
    throw rejected('This Checkout Session has already been completed.', { code: 'checkout_session_complete' })
  if (session.status !== 'open') throw rejected('This Checkout Session has expired.', { code: 'checkout_session_expired' })
  return session
}

/** Finishes a payment when the buyer returns from a redirect payment method or from 3D Secure. The payment need not belong to a session. */
export const finishPaymentAction = (
  account: Account,
  intentId: string,
  result: 'complete' | 'fail',
): Attempt & { session: Session | null } => {
  const intent = getPaymentIntent(account, intentId)
  const session = sessionOf(account, intent)
  if (session && result === 'complete') assertDiscountAvailable(account, session)
  const attempt = finishAction(account, intent, result)
  if (session) return { ...attempt, session: applyAttempt(account, session, attempt).session }
  applyTestCardEffects(account, attempt)
  return { ...attempt, session: null }
}

const sessionOf = (account: Account, intent: PaymentIntent): Session | undefined =>
  [...account.store.sessions.newest({ index: 'payment_intent', key: intent.id }, { limit: 1 })][0]

/** Applies the result of an attempt to the session. A successful attempt or a pending debit completes the session. */
const applyAttempt = (account: Account, session: Session, attempt: Attempt): PayResult => {
  const { outcome, intent, method, error } = attempt
  const result = { outcome, session, payment_intent: intent, ...(error && { error }) }
  if (outcome !== 'paid' && outcome !== 'processing') return result
  const billing = method?.billing_details ?? billingDetails({})
  const invoice = outcome === 'paid' ? createInvoiceNow(account, session, billing, intent) : undefined
  const complete = completeSession(account, session, {
    payment_status: outcome === 'paid' ? 'paid' : 'unpaid',
    ...(invoice && { invoice: invoice.id }),
    ...(method && collectedDetails(account, session, billing)),
  })
  applyTestCardEffects(account, attempt)
  return { ...result, session: complete, payment_intent: account.store.paymentIntents.get(intent.id) ?? intent }
}

/**
 * Creates a customer if the session needs one. With `customer_creation: always`, Stripe creates the customer when the session is confirmed.
 * Otherwise, the buyer remains a guest unless the order is free or has an invoice.
 */
const withNewCustomer = (account: Account, session: Session, { email, name, address }: BillingDetails): Session => {
  const needsCustomer =
    session.customer_creation === 'always' || session.amount_total === 0 || session.invoice_creation?.enabled === true
  if (session.customer !== null || !needsCustomer) return session
  return account.store.sessions.put({
    ...session,
    customer: createCustomer(account, { email, name, address: address && fullAddress(address) }).id,
  })
}

/** Returns the buyer's details. Details entered in the form take precedence over stored details. */
const enteredDetails = (account: Account, session: Session, input: PaymentInput) => {
  const customer = session.customer ? account.store.customers.get(session.customer) : undefined
  return {
    address: fullAddress({ country: locationOf(account, session)?.country ?? account.settings.defaultCountry }),
    email: input.email ?? session.customer_email ?? customer?.email ?? null,
    name: input.name ?? customer?.name ?? null,
  }
}

const locationOf = (account: Account, { id }: Session): BuyerLocation | undefined =>
  account.store.sessionDetails.get(id)?.location

const collectedDetails = (account: Account, session: Session, { email, name }: BillingDetails): Partial<Session> => {
  const location = locationOf(account, session)
  return {
    customer_details: {
      address: fullAddress({ country: location?.country ?? 'US' }),
      business_name: null,
      individual_name: null,
      email,
      name,
      phone: null,
      tax_exempt: 'none',
      tax_ids: location?.tax_id ? [location.tax_id] : [],
    },
    collected_information: { business_name: null, individual_name: null, shipping_details: null },
    ...(session.consent_collection && {
      consent: {
        promotions: null,
        terms_of_service: session.consent_collection.terms_of_service === 'required' ? 'accepted' : null,
      },
    }),
  }
}

/** Settles or fails a bank debit. */
export const settle = (account: Account, intentId: string, outcome: 'succeeded' | 'failed'): PaymentIntent => {
  const intent = getPaymentIntent(account, intentId)
  const charge = intent.latest_charge ? account.store.charges.get(intent.latest_charge) : undefined
  const session = sessionOf(account, intent)
  if (intent.status !== 'processing' || !charge)
    throw rejected(`This PaymentIntent is not processing: its status is ${intent.status}.`)
  if (outcome === 'succeeded') {
    const paid = succeedIntent(account, intent, succeedCharge(account, charge))
    if (session) {
      const method = account.store.paymentMethods.get(intent.payment_method ?? '')
      const invoice = createInvoiceNow(account, session, method?.billing_details ?? billingDetails({}), paid)
      const settled = { ...session, payment_status: 'paid' as const, ...(invoice && { invoice: invoice.id }) }
      account.emit('checkout.session.async_payment_succeeded', account.store.sessions.put(settled))
    }
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
