import { resourceMissing } from '../http/errors.ts'
import { paginate, where } from '../http/lists.ts'
import { applyMetadata, created, metadata, paging, text } from '../http/params.ts'
import { route } from '../http/route.ts'

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
    { ...paging, created: created.optional(), customer: text().optional(), payment_intent: text().optional() },
    (account, { customer, payment_intent, ...query }) =>
      paginate(account.store.charges, '/v1/charges', 'charge', {
        ...query,
        where: where('payment_intent', payment_intent) ?? where('customer', customer),
        matches: (charge) => !customer || charge.customer === customer,
      }),
  ),
]
