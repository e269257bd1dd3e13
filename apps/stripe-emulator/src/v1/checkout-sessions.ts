import { z } from 'zod'
import { lineItems } from '../http/expand.ts'
import { paginate, paginateArray, where } from '../http/lists.ts'
import { applyMetadata, created, metadata, paging, text } from '../http/params.ts'
import { route, routeWithLegacy } from '../http/route.ts'
import { expireSession, getSession } from '../model/checkout.ts'
import { createSession } from '../model/create-session.ts'
import { sessionParams } from '../model/session-params.ts'

const filters = {
  ...paging,
  created: created.optional(),
  customer: text().optional(),
  payment_intent: text().optional(),
  status: z.enum(['complete', 'expired', 'open']).optional(),
}

export const checkoutSessions = [
  routeWithLegacy('POST', '/v1/checkout/sessions', sessionParams, (account, params, { payment_method_types }) =>
    createSession(account, { ...params, payment_method_types }),
  ),
  route('GET', '/v1/checkout/sessions/:id', {}, (account, _, id) => getSession(account, id)),
  route('POST', '/v1/checkout/sessions/:id', { metadata: metadata.optional() }, (account, params, id) => {
    const before = getSession(account, id)
    return account.store.sessions.put({ ...before, metadata: applyMetadata(before.metadata ?? {}, params.metadata) })
  }),
  route('POST', '/v1/checkout/sessions/:id/expire', {}, (account, _, id) => expireSession(account, id)),
  route('GET', '/v1/checkout/sessions/:id/line_items', paging, (account, query, id) => {
    const { data, url } = lineItems(account.store, getSession(account, id).id)
    return paginateArray(data, url, 'line item', query)
  }),
  route('GET', '/v1/checkout/sessions', filters, (account, { customer, payment_intent, status, ...query }) =>
    paginate(account.store.sessions, '/v1/checkout/sessions', 'checkout.session', {
      ...query,
      where: where('payment_intent', payment_intent) ?? where('customer', customer),
      matches: (session) => (!status || session.status === status) && (!customer || session.customer === customer),
    }),
  ),
]
