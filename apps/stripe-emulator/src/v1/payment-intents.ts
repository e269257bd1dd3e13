import { z } from 'zod'
import { invalidParam, notSupported } from '../http/errors.ts'
import { paginate, where } from '../http/lists.ts'
import {
  applyMetadata,
  bool,
  created,
  currency,
  email,
  fullShipping,
  int,
  list,
  metadata,
  paging,
  shipping,
  text,
  url,
} from '../http/params.ts'
import { route, routeWithLegacy } from '../http/route.ts'
import { cancelIntent, confirmIntent, createIntent } from '../model/intents-api.ts'
import { getPaymentIntent } from '../model/payment-intents.ts'

const confirmation = { payment_method: text().optional(), return_url: url.optional() }

const createParams = {
  ...confirmation,
  amount: int(1, 99_999_999),
  currency,
  allowed_payment_method_types: list(text()).optional(),
  automatic_payment_methods: z
    .strictObject({ enabled: bool, allow_redirects: z.enum(['always', 'never']).optional() })
    .optional(),
  capture_method: z.enum(['automatic', 'automatic_async', 'manual']).optional(),
  confirm: bool.default(false),
  customer: text().optional(),
  description: text(1000).optional(),
  metadata: metadata.optional(),
  receipt_email: email.optional(),
  shipping: shipping.optional(),
}

export const paymentIntents = [
  routeWithLegacy('POST', '/v1/payment_intents', createParams, (account, params, { payment_method_types }) => {
    const { confirm, return_url, capture_method, metadata: metadataChange, shipping, ...input } = params
    if (capture_method === 'manual') throw notSupported('Manual capture', 'capture_method')
    if (return_url && !confirm)
      throw invalidParam('You cannot provide `return_url` unless you are also confirming: set `confirm` to true.', {
        param: 'return_url',
      })
    const intent = createIntent(account, {
      ...input,
      payment_method_types,
      metadata: applyMetadata({}, metadataChange),
      ...(shipping && { shipping: fullShipping(shipping) }),
    })
    return confirm ? confirmIntent(account, intent.id, { return_url }) : intent
  }),
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
  route('POST', '/v1/payment_intents/:id/confirm', confirmation, (account, params, id) => confirmIntent(account, id, params)),
  route(
    'POST',
    '/v1/payment_intents/:id/cancel',
    { cancellation_reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned']).optional() },
    (account, { cancellation_reason = null }, id) => cancelIntent(account, id, cancellation_reason),
  ),
  route(
    'GET',
    '/v1/payment_intents',
    { ...paging, created: created.optional(), customer: text().optional() },
    (account, { customer, ...query }) =>
      paginate(account.store.paymentIntents, '/v1/payment_intents', 'payment_intent', {
        ...query,
        where: where('customer', customer),
      }),
  ),
]
