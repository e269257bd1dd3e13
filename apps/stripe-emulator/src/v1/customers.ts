import { z } from 'zod'
import { previousAttributes } from '../account.ts'
import { paginate, where } from '../http/lists.ts'
import { applyMetadata, created, email, metadata, nullableEmail, nullableText, paging, text } from '../http/params.ts'
import { route } from '../http/route.ts'
import { parseSearchQuery, searchPage } from '../http/search.ts'
import { createCustomer, getCustomer } from '../model/customers.ts'

const fields = {
  email: nullableEmail.optional(),
  name: nullableText(256).optional(),
  phone: nullableText(20).optional(),
  description: nullableText(350).optional(),
  metadata: metadata.optional(),
  preferred_locales: z.array(z.string()).optional(),
}

/** The stub of a deleted customer, to which sessions can still refer. */
const deletedCustomer = (id: string) => ({ id, object: 'customer', deleted: true }) as const

export const customers = [
  route('POST', '/v1/customers', fields, (account, { metadata: metadataChange, ...params }) =>
    createCustomer(account, { ...params, metadata: applyMetadata({}, metadataChange) }),
  ),
  route(
    'GET',
    '/v1/customers/search',
    { query: text(), limit: paging.limit, page: text().optional() },
    (account, { query, ...page }) => {
      const matches = parseSearchQuery(query, ['created', 'email', 'metadata', 'name', 'phone'])
      const found = [...account.store.customers.newest()].filter(({ created, email, metadata, name, phone }) =>
        matches({ created, email, metadata, name: name ?? null, phone: phone ?? null }),
      )
      return searchPage(found, '/v1/customers/search', page)
    },
  ),
  route('GET', '/v1/customers/:id', {}, (account, _, id) =>
    account.store.deletedCustomers.get(id) ? deletedCustomer(id) : getCustomer(account, id),
  ),
  route('POST', '/v1/customers/:id', fields, (account, { metadata: metadataChange, ...params }, id) => {
    const before = getCustomer(account, id)
    const after = account.store.customers.put({ ...before, ...params, metadata: applyMetadata(before.metadata, metadataChange) })
    const previous = previousAttributes(before, after)
    if (Object.keys(previous).length > 0) account.emit('customer.updated', after, previous)
    return after
  }),
  route('DELETE', '/v1/customers/:id', {}, (account, _, id) => {
    account.emit('customer.deleted', getCustomer(account, id))
    account.store.customers.remove(id)
    return account.store.deletedCustomers.put(deletedCustomer(id))
  }),
  route(
    'GET',
    '/v1/customers',
    { ...paging, created: created.optional(), email: email.optional() },
    (account, { email: emailFilter, ...query }) =>
      paginate(account.store.customers, '/v1/customers', 'customer', { ...query, where: where('email', emailFilter) }),
  ),
]
