import type { Account } from '../account.ts'
import { CommittedError, invalidParam, rejected, resourceMissing, StripeError } from '../http/errors.ts'
import type { PaymentIntent, PaymentMethod } from '../store/objects.ts'
import { type Attempt, applyTestCardEffects, attemptPayment } from './attempts.ts'
import { blankPaymentIntent } from './blank-objects.ts'
import { isRedirect } from './method-types.ts'
import { amountError, formatCurrency, minimumChargeAmount } from './money.ts'
import { offeredMethodTypes } from './offered-methods.ts'
import { getPaymentIntent } from './payment-intents.ts'
import { getPaymentMethod } from './payment-methods.ts'

/** Payment intents that the merchant creates, as opposed to the payment intents of Checkout Sessions. */
export interface NewIntent extends Partial<Pick<PaymentIntent, 'description' | 'receipt_email' | 'shipping' | 'customer'>> {
  amount: number
  currency: string
  metadata: Record<string, string>
  automatic_payment_methods?: { enabled: boolean; allow_redirects?: 'always' | 'never' | undefined } | undefined
  allowed_payment_method_types?: string[] | undefined
  /** Accepted before API version 2026-09-30.endive. */
  payment_method_types?: string[] | undefined
  payment_method?: string | undefined
}

export const createIntent = (account: Account, input: NewIntent): PaymentIntent => {
  const {
    amount,
    currency,
    automatic_payment_methods,
    allowed_payment_method_types,
    payment_method_types,
    payment_method,
    ...fields
  } = input
  const invalid = amountError(amount, currency)
  if (invalid) throw invalidParam(invalid.message, { code: invalid.code, param: 'amount' })
  const minimum = minimumChargeAmount(currency)
  if (amount < minimum)
    throw invalidParam(`Amount must be at least ${formatCurrency(minimum, currency)} ${currency}`, {
      code: 'amount_too_small',
      param: 'amount',
    })
  if (fields.customer && !account.store.customers.get(fields.customer))
    throw resourceMissing('customer', fields.customer, 'customer', 400)
  const isAutomatic = automatic_payment_methods?.enabled ?? payment_method_types === undefined
  if (isAutomatic && payment_method_types)
    throw invalidParam('You may only specify one of these parameters: automatic_payment_methods, payment_method_types.', {
      code: 'parameters_exclusive',
      param: 'automatic_payment_methods',
    })
  const allow_redirects = automatic_payment_methods?.allow_redirects ?? 'always'
  const intent = account.store.paymentIntents.put(
    blankPaymentIntent({
      created: account.nowSeconds(),
      amount,
      currency,
      allowed_payment_method_types: allowed_payment_method_types ?? null,
      payment_method_types: offeredMethodTypes({
        currency,
        redirects: allow_redirects === 'always',
        allowed: isAutomatic ? allowed_payment_method_types : ['card'],
        exactly: payment_method_types,
      }),
      automatic_payment_methods: isAutomatic ? { allow_redirects, enabled: true } : null,
      ...fields,
      ...(payment_method && {
        payment_method: getPaymentMethod(account, payment_method, 'payment_method').id,
        status: 'requires_confirmation',
      }),
    }),
  )
  account.emit('payment_intent.created', intent)
  return intent
}

export interface Confirmation {
  payment_method?: string | undefined
  return_url?: string | undefined
}

const CONFIRMABLE = ['requires_payment_method', 'requires_confirmation']

/** Confirms a payment intent. A declined card returns 402, but the changes are kept. */
export const confirmIntent = (
  account: Account,
  id: string,
  { payment_method, return_url }: Confirmation,
): PaymentIntent | CommittedError => {
  const intent = getPaymentIntent(account, id)
  assertNotOfCheckout(account, intent, 'confirm')
  if (!CONFIRMABLE.includes(intent.status))
    throw unexpectedState(
      intent,
      `You cannot confirm this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.`,
    )
  const methodId = payment_method ?? intent.payment_method
  if (!methodId)
    throw unexpectedState(
      intent,
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
    )
  if (intent.automatic_payment_methods && intent.payment_method_types.some(isRedirect) && return_url === undefined)
    throw invalidParam(
      "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
    )
  const method = getPaymentMethod(account, methodId, 'payment_method')
  assertAccepted(intent, method)
  if (isRedirect(method.type) && return_url === undefined)
    throw invalidParam(
      'A `return_url` must be specified because this Payment Intent is configured to automatically accept the payment methods enabled in the Dashboard, some of which may require a full page redirect to succeed.',
      { param: 'return_url' },
    )
  const attempt = attemptPayment(account, intent, method, return_url ?? null)
  applyTestCardEffects(account, attempt)
  return resultOf(account, attempt)
}

const resultOf = (account: Account, { intent, error }: Attempt): PaymentIntent | CommittedError => {
  const current = account.store.paymentIntents.get(intent.id) ?? intent
  if (!error) return current
  const payment_method = current.last_payment_error?.payment_method
  return new CommittedError(new StripeError(402, { ...error, payment_intent: current, payment_method }))
}

const assertAccepted = (intent: PaymentIntent, { type }: PaymentMethod): void => {
  if (!intent.payment_method_types.includes(type))
    throw rejected(
      `The PaymentMethod provided (${type}) is not allowed for this PaymentIntent. Please attach a payment method of one of the following types: ${intent.payment_method_types.join(', ')}. Alternatively update the allowed payment_method_types for this PaymentIntent to include "${type}".`,
      { code: 'payment_intent_unexpected_state', payment_intent: intent },
    )
}

const CANCELABLE = 'requires_payment_method, requires_capture, requires_reauthorization, requires_confirmation, requires_action'

export const cancelIntent = (account: Account, id: string, reason: PaymentIntent['cancellation_reason']): PaymentIntent => {
  const intent = getPaymentIntent(account, id)
  if (!CANCELABLE.includes(intent.status))
    throw unexpectedState(
      intent,
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: ${CANCELABLE}.`,
    )
  assertNotOfCheckout(account, intent, 'cancel')
  const canceled = account.store.paymentIntents.put({
    ...intent,
    status: 'canceled',
    canceled_at: account.nowSeconds(),
    cancellation_reason: reason,
    next_action: null,
  })
  account.emit('payment_intent.canceled', canceled)
  return canceled
}

const unexpectedState = (payment_intent: PaymentIntent, message: string) =>
  rejected(message, { code: 'payment_intent_unexpected_state', payment_intent })

/**
 * Throws if the payment intent belongs to a Checkout Session. Such an intent is confirmed in the checkout form, and canceled by expiring
 * the session.
 */
const assertNotOfCheckout = (account: Account, { id }: PaymentIntent, verb: 'cancel' | 'confirm'): void => {
  const [session] = account.store.sessions.newest({ index: 'payment_intent', key: id }, { limit: 1 })
  if (session)
    throw rejected(
      verb === 'cancel'
        ? 'You cannot cancel PaymentIntents created by Checkout. To cancel, expire the Checkout Session instead.'
        : 'You cannot confirm PaymentIntents created by Checkout.',
    )
}
