import { z } from 'zod'
import { rejected, resourceMissing } from '../http/errors.ts'
import { paginate, where } from '../http/lists.ts'
import { applyMetadata, created, metadata, paging, text } from '../http/params.ts'
import { route } from '../http/route.ts'
import { getPaymentIntent } from '../model/payment-intents.ts'

const customerFilters = { ...paging, created: created.optional(), customer: text().optional() }

export const paymentIntents = [
  route('GET', '/v1/payment_intents/:id', {}, (account, _, id) => getPaymentIntent(account, id)),
  route(
    'POST',
    '/v1/payment_intents/:id',
    { metadata: metadata.optional(), description: text(1000).optional() },
    (account, { metadata: metadataChange, ...params }, id) => {
      const before = getPaymentIntent(account, id)
      return account.store.paymentIntents.put({ ...before, ...params, metadata: applyMetadata(before.metadata, metadataChange) })
    },
  ),
  /** Every payment intent here belongs to a Checkout Session, so it can only be canceled by expiring the session. */
  route(
    'POST',
    '/v1/payment_intents/:id/cancel',
    { cancellation_reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned']).optional() },
    (account, _, id) => {
      const intent = getPaymentIntent(account, id)
      throw intent.status === 'succeeded' || intent.status === 'canceled' || intent.status === 'processing'
        ? rejected(
            `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_reauthorization, requires_confirmation, requires_action.`,
            { code: 'payment_intent_unexpected_state', payment_intent: intent },
          )
        : rejected('You cannot cancel PaymentIntents created by Checkout. To cancel, expire the Checkout Session instead.')
    },
  ),
  route('GET', '/v1/payment_intents', customerFilters, (account, { customer, ...query }) =>
    paginate(account.store.paymentIntents, '/v1/payment_intents', 'payment_intent', {
      ...query,
      where: where('customer', customer),
    }),
  ),
]

export const charges = [
  route('GET', '/v1/charges/:id', {}, (account, _, id) => {
    const charge = account.store.charges.get(id)
    if (!charge) throw resourceMissing('charge', id)
    return charge
  }),
  route('POST', '/v1/charges/:id', { metadata: metadata.optional() }, (account, { metadata: metadataChange }, id) => {
    const before = account.store.charges.get(id)
    if (!before) throw resourceMissing('charge', id)
    return account.store.charges.put({ ...before, metadata: applyMetadata(before.metadata, metadataChange) })
  }),
  route(
    'GET',
    '/v1/charges',
    { ...customerFilters, payment_intent: text().optional() },
    (account, { customer, payment_intent, ...query }) =>
      paginate(account.store.charges, '/v1/charges', 'charge', {
        ...query,
        where: where('payment_intent', payment_intent) ?? where('customer', customer),
        matches: (charge) => !customer || charge.customer === customer,
      }),
  ),
]

export const balanceTransactions = [
  route('GET', '/v1/balance_transactions/:id', {}, (account, _, id) => {
    const transaction = account.store.balanceTransactions.get(id)
    if (!transaction) throw resourceMissing('balance_transaction', id)
    return transaction
  }),
  route(
    'GET',
    '/v1/balance_transactions',
    { ...paging, created: created.optional(), source: text().optional(), type: text().optional(), currency: text().optional() },
    (account, { source, type, currency, ...query }) =>
      paginate(account.store.balanceTransactions, '/v1/balance_transactions', 'balance_transaction', {
        ...query,
        where: where('source', source),
        matches: (transaction) => (!type || transaction.type === type) && (!currency || transaction.currency === currency),
      }),
  ),
]
