import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { FaultInput, type Faults } from '../faults/faults.ts'
import { rejected, resourceMissing } from '../http/errors.ts'
import { bool, int } from '../http/params.ts'
import { expireIfOpen, getSession } from '../model/checkout.ts'
import { applyDisputeStep, DISPUTE_STEPS, isDisputeStep, openDispute } from '../model/disputes.ts'
import { applyForm } from '../model/form-input.ts'
import { METHOD_TYPES } from '../model/method-types.ts'
import { getPaymentIntent } from '../model/payment-intents.ts'
import { finishPaymentAction, pay, settle } from '../model/payments.ts'
import { changeRefund, createRefund } from '../model/refunds.ts'
import { breakdownOf } from '../model/totals.ts'
import type { PaymentIntent, SessionDetails } from '../store/objects.ts'
import { resend } from '../v1/events.ts'
import { registerAccountHelpers } from './account-helpers.ts'
import { helperRoute, noParams, respond, transact } from './helper-route.ts'
import { registerHistoryHelper } from './history-helper.ts'
import { registerPayoutHelper } from './payout-helper.ts'
import { registerStateHelpers } from './state-helpers.ts'

const payParams = z.strictObject({
  card: z.string().max(30).optional(),
  exp: z.string().max(10).optional(),
  cvc: z.string().max(10).optional(),
  name: z.string().max(200).optional(),
  email: z.string().max(512).optional(),
  method: z.enum(METHOD_TYPES).default('card'),
  promotionCode: z.string().max(500).optional(),
  country: z.string().max(2).optional(),
  taxId: z.string().max(50).optional(),
  consent: bool.optional(),
  authenticate: z.enum(['complete', 'fail']).optional(),
  /** Sent by the card form; optional for scripts. */
  client_secret: z.string().optional(),
})

/** The input that the checkout form sends as soon as the buyer enters it. An empty code removes the discount. */
const formParams = z.strictObject({
  client_secret: z.string().optional(),
  promotionCode: z.string().max(500).optional(),
  country: z.string().max(2).optional(),
  taxId: z.string().max(50).optional(),
})

const detailsOf = (account: Account, session: string): SessionDetails => {
  const details = account.store.sessionDetails.get(session)
  if (!details) throw resourceMissing('checkout.session', session)
  return details
}

const assertClientSecret = (account: Account, session: string, secret: string | undefined): void => {
  if (secret !== undefined && getSession(account, session).client_secret !== secret)
    throw rejected('The client secret does not belong to this Checkout Session, or the session is no longer open.', {
      param: 'client_secret',
    })
}

const REFUND_ACTIONS = {
  succeed: 'succeeded',
  fail: 'failed',
  cancel: 'canceled',
  require_action: 'requires_action',
  set_pending: 'pending',
} as const

/** Registers the `/_test` helpers: the actions that tests, the card form and the dashboard's buttons can perform on the account. */
export const registerTestHelpers = (app: FastifyInstance, account: Account, faults: Faults): void => {
  registerPaymentHelpers(app, account)
  registerDisputeHelpers(app, account)
  registerEventHelpers(app, account)
  registerFaultHelpers(app, faults)
  registerStateHelpers(app, account, faults)
  registerAccountHelpers(app, account)
  registerHistoryHelper(app, account)
  registerPayoutHelper(app, account)
}

const registerPaymentHelpers = (app: FastifyInstance, account: Account): void => {
  helperRoute(app, 'POST', '/checkout/sessions/:id/pay', payParams, ({ client_secret, ...input }, request) => {
    assertClientSecret(account, request.id, client_secret)
    const { error, ...result } = transact(account, request, () => pay(account, request.id, input))
    return respond(error ? 402 : 200, error ? { error, ...result } : result)
  })
  helperRoute(
    app,
    'POST',
    '/checkout/sessions/:id/form',
    formParams,
    ({ client_secret, promotionCode, country, taxId }, request) => {
      assertClientSecret(account, request.id, client_secret)
      const input = { promotion_code: promotionCode, country, tax_id: taxId }
      const session = transact(account, request, () => applyForm(account, getSession(account, request.id), input))
      return { session, breakdown: breakdownOf(detailsOf(account, session.id)) }
    },
  )
  helperRoute(app, 'POST', '/checkout/sessions/:id/expire', noParams, (_, request) => {
    transact(account, request, () => expireIfOpen(account, getSession(account, request.id).id))
    return getSession(account, request.id)
  })
  helperRoute(
    app,
    'POST',
    '/payment_intents/:id/settle',
    z.strictObject({ outcome: z.enum(['succeeded', 'failed']).default('succeeded') }),
    ({ outcome }, request) =>
      transact(account, request, () => settle(account, getPaymentIntent(account, request.id).id, outcome)),
  )
  helperRoute(
    app,
    'POST',
    '/payment_intents/:id/authenticate',
    z.strictObject({ result: z.enum(['complete', 'fail']).default('complete') }),
    ({ result }, request) => {
      const returnUrl = returnUrlOfIntent(getPaymentIntent(account, request.id))
      const { outcome, intent, session, error } = transact(account, request, () =>
        finishPaymentAction(account, request.id, result),
      )
      const return_url = returnUrl && redirectUrl(returnUrl, intent, session === null)
      return { outcome, return_url, session, payment_intent: intent, ...(error && { declined: error }) }
    },
  )
  helperRoute(app, 'POST', '/charges/:id/refund', z.strictObject({ amount: int(1).optional() }), (input, request) =>
    transact(account, request, () => createRefund(account, { charge: request.id, ...input })),
  )
  for (const [action, status] of Object.entries(REFUND_ACTIONS))
    helperRoute(app, 'POST', `/refunds/:id/${action}`, noParams, (_, request) =>
      transact(account, request, () => changeRefund(account, request.id, status)),
    )
}

const returnUrlOfIntent = ({ next_action }: PaymentIntent): string | null => next_action?.redirect_to_url?.return_url ?? null

/**
 * Returns the URL to which the buyer is redirected. Stripe adds the result to the return URL of a payment intent, but not to
 * the return URL of a Checkout Session.
 */
const redirectUrl = (returnUrl: string, { id, client_secret, status }: PaymentIntent, withResult: boolean): string => {
  const url = new URL(returnUrl)
  if (withResult) {
    url.searchParams.set('payment_intent', id)
    url.searchParams.set('payment_intent_client_secret', client_secret ?? '')
    url.searchParams.set('redirect_status', status === 'succeeded' ? 'succeeded' : 'failed')
  }
  return withResult ? url.href : returnUrl
}

const registerDisputeHelpers = (app: FastifyInstance, account: Account): void => {
  const disputeParams = z.strictObject({
    amount: int(1).optional(),
    reason: z.string().max(60).optional(),
    status: z
      .enum(['warning_needs_response', 'warning_under_review', 'needs_response', 'under_review', 'won', 'lost', 'prevented'])
      .optional(),
    due_by: int(1).optional(),
  })
  helperRoute(app, 'POST', '/charges/:id/dispute', disputeParams, ({ due_by, ...input }, request) =>
    transact(account, request, () => openDispute(account, request.id, { ...input, dueBy: due_by })),
  )
  for (const step of DISPUTE_STEPS.filter(isDisputeStep))
    helperRoute(app, 'POST', `/disputes/:id/${step}`, noParams, (_, request) =>
      transact(account, request, () => applyDisputeStep(account, request.id, step)),
    )
}

const registerEventHelpers = (app: FastifyInstance, account: Account): void => {
  helperRoute(app, 'POST', '/events/:id/resend', noParams, (_, request) =>
    transact(account, request, () => resend(account, request.id)),
  )
  helperRoute(app, 'GET', '/webhook_deliveries', noParams, () => ({
    data: [...account.store.deliveries.newest(undefined, { limit: 1000 })],
  }))
}

const registerFaultHelpers = (app: FastifyInstance, faults: Faults): void => {
  helperRoute(app, 'POST', '/faults', FaultInput, (fault) => faults.add(fault))
  helperRoute(app, 'GET', '/faults', noParams, () => ({ data: faults.list() }))
  helperRoute(app, 'DELETE', '/faults', noParams, () => faults.clear())
  // For the dashboard, because HTML forms cannot send DELETE.
  helperRoute(app, 'POST', '/faults/clear', noParams, () => faults.clear())
  helperRoute(app, 'DELETE', '/faults/:id', noParams, (_, { id }) => {
    if (!faults.remove(id)) throw resourceMissing('fault', id)
    return { id, deleted: true }
  })
}
