import { z } from 'zod'
import { missing, refused } from '../http/errors.ts'
import { page, where } from '../http/lists.ts'
import { applyMetadata, created, metadata, paging, text } from '../http/params.ts'
import { route } from '../http/route.ts'
import { getPaymentIntent } from '../model/payment-intents.ts'

const byCustomer = { ...paging, created: created.optional(), customer: text().optional() }

export const paymentIntents = [
  route('GET', '/v1/payment_intents/:id', {}, (world, _, id) => getPaymentIntent(world, id)),
  route(
    'POST',
    '/v1/payment_intents/:id',
    { metadata: metadata.optional(), description: text(1000).optional() },
    (world, { metadata: given, ...params }, id) => {
      const before = getPaymentIntent(world, id)
      return world.store.paymentIntents.put({ ...before, ...params, metadata: applyMetadata(before.metadata, given) })
    },
  ),
  /** A payment intent of a Checkout Session (all are, here) ends with its session. */
  route(
    'POST',
    '/v1/payment_intents/:id/cancel',
    { cancellation_reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned']).optional() },
    (world, _, id) => {
      const intent = getPaymentIntent(world, id)
      throw intent.status === 'succeeded' || intent.status === 'canceled' || intent.status === 'processing'
        ? refused(
            `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_reauthorization, requires_confirmation, requires_action.`,
            { code: 'payment_intent_unexpected_state', payment_intent: intent },
          )
        : refused('You cannot cancel PaymentIntents created by Checkout. To cancel, expire the Checkout Session instead.')
    },
  ),
  route('GET', '/v1/payment_intents', byCustomer, (world, { customer, ...query }) =>
    page(world.store.paymentIntents, '/v1/payment_intents', 'payment_intent', { ...query, where: where('customer', customer) }),
  ),
]

export const charges = [
  route('GET', '/v1/charges/:id', {}, (world, _, id) => {
    const charge = world.store.charges.get(id)
    if (!charge) throw missing('charge', id)
    return charge
  }),
  route('POST', '/v1/charges/:id', { metadata: metadata.optional() }, (world, { metadata: given }, id) => {
    const before = world.store.charges.get(id)
    if (!before) throw missing('charge', id)
    return world.store.charges.put({ ...before, metadata: applyMetadata(before.metadata, given) })
  }),
  route(
    'GET',
    '/v1/charges',
    { ...byCustomer, payment_intent: text().optional() },
    (world, { customer, payment_intent, ...query }) =>
      page(world.store.charges, '/v1/charges', 'charge', {
        ...query,
        where: where('payment_intent', payment_intent) ?? where('customer', customer),
        matches: (charge) => !customer || charge.customer === customer,
      }),
  ),
]

export const balanceTransactions = [
  route('GET', '/v1/balance_transactions/:id', {}, (world, _, id) => {
    const found = world.store.balanceTransactions.get(id)
    if (!found) throw missing('balance_transaction', id)
    return found
  }),
  route(
    'GET',
    '/v1/balance_transactions',
    { ...paging, created: created.optional(), source: text().optional(), type: text().optional(), currency: text().optional() },
    (world, { source, type, currency, ...query }) =>
      page(world.store.balanceTransactions, '/v1/balance_transactions', 'balance_transaction', {
        ...query,
        where: where('source', source),
        matches: (move) => (!type || move.type === type) && (!currency || move.currency === currency),
      }),
  ),
]
