import { z } from 'zod'
import { lineItems } from '../http/expand.ts'
import { listOf, page, where } from '../http/lists.ts'
import { applyMetadata, bool, created, currency, email, int, metadata, paging, text, url } from '../http/params.ts'
import { route } from '../http/route.ts'
import { expireSession, getSession } from '../model/checkout.ts'
import { createSession } from '../model/create-session.ts'

const productData = z.strictObject({
  name: text(250),
  description: text().optional(),
  images: z.array(url).max(8).optional(),
  metadata: metadata.optional(),
  tax_code: text().optional(),
})

const lineItem = z.strictObject({
  price: text().optional(),
  price_data: z
    .strictObject({
      currency,
      product: text().optional(),
      product_data: productData.optional(),
      unit_amount: int(0, 99_999_999),
      tax_behavior: z.enum(['exclusive', 'inclusive', 'unspecified']).optional(),
    })
    .optional(),
  quantity: int(1, 999_999).optional(),
  metadata: metadata.optional(),
})

export const sessionParams = {
  adaptive_pricing: z.strictObject({ enabled: bool.optional() }).optional(),
  allow_promotion_codes: bool.optional(),
  automatic_tax: z.strictObject({ enabled: bool }).optional(),
  billing_address_collection: z.enum(['auto', 'required']).optional(),
  cancel_url: url.optional(),
  client_reference_id: text(200).optional(),
  currency: currency.optional(),
  customer: text().optional(),
  customer_creation: z.enum(['always', 'if_required']).optional(),
  customer_email: email.optional(),
  expires_at: int().optional(),
  line_items: z.array(lineItem).max(100).optional(),
  locale: text(10).optional(),
  metadata: metadata.optional(),
  mode: z.enum(['payment', 'setup', 'subscription']),
  payment_intent_data: z
    .strictObject({ metadata: metadata.optional(), description: text(1000).optional(), receipt_email: email.optional() })
    .optional(),
  redirect_on_completion: z.enum(['always', 'if_required', 'never']).optional(),
  return_url: url.optional(),
  submit_type: z.enum(['auto', 'book', 'donate', 'pay', 'subscribe']).optional(),
  success_url: url.optional(),
  ui_mode: z.enum(['elements', 'embedded_page', 'form', 'hosted_page']).default('hosted_page'),
}

const filters = {
  ...paging,
  created: created.optional(),
  customer: text().optional(),
  payment_intent: text().optional(),
  status: z.enum(['complete', 'expired', 'open']).optional(),
}

export const checkoutSessions = [
  route('POST', '/v1/checkout/sessions', sessionParams, createSession),
  route('GET', '/v1/checkout/sessions/:id', {}, (world, _, id) => getSession(world, id)),
  route('POST', '/v1/checkout/sessions/:id', { metadata: metadata.optional() }, (world, params, id) => {
    const before = getSession(world, id)
    return world.store.sessions.put({ ...before, metadata: applyMetadata(before.metadata ?? {}, params.metadata) })
  }),
  route('POST', '/v1/checkout/sessions/:id/expire', {}, (world, _, id) => expireSession(world, id)),
  route('GET', '/v1/checkout/sessions/:id/line_items', paging, (world, { limit }, id) => {
    const { data, url } = lineItems(world.store, getSession(world, id).id)
    return listOf(data.slice(0, limit), data.length > limit, url)
  }),
  route('GET', '/v1/checkout/sessions', filters, (world, { customer, payment_intent, status, ...query }) =>
    page(world.store.sessions, '/v1/checkout/sessions', 'checkout.session', {
      ...query,
      where: where('payment_intent', payment_intent) ?? where('customer', customer),
      matches: (session) => (!status || session.status === status) && (!customer || session.customer === customer),
    }),
  ),
]
