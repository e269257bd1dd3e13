import { z } from 'zod'
import { paginate, where } from '../http/lists.ts'
import {
  address,
  applyMetadata,
  created,
  email,
  fullAddress,
  metadata,
  nullableEmail,
  nullableText,
  paging,
  text,
} from '../http/params.ts'
import { route } from '../http/route.ts'
import { parseSearchQuery, searchPage } from '../http/search.ts'
import { createCustomer, getCustomer, updateCustomer } from '../model/customers.ts'

const fields = {
  address: z.preprocess((value) => (value === '' ? null : value), address.nullable()).optional(),
  email: nullableEmail.optional(),
  name: nullableText(256).optional(),
  phone: nullableText(20).optional(),
  description: nullableText(350).optional(),
  metadata: metadata.optional(),
  preferred_locales: z.array(z.string()).optional(),
  tax_exempt: z.enum(['exempt', 'none', 'reverse']).optional(),
}

/** Converts the address to Stripe's format. An empty string unsets the address. */
const fieldsOf = <T extends { address?: z.output<typeof address> | null | undefined }>({ address, ...params }: T) => ({
  ...params,
  ...(address !== undefined && { address: address && fullAddress(address) }),
})

/** Returns the stub of a deleted customer, to which sessions may still refer. */
const deletedCustomer = (id: string) => ({ id, object: 'customer', deleted: true }) as const

export const customers = [
  route('POST', '/v1/customers', fields, (account, { metadata: metadataChange, ...params }) =>
    createCustomer(account, { ...fieldsOf(params), metadata: applyMetadata({}, metadataChange) }),
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
    return updateCustomer(account, before, { ...fieldsOf(params), metadata: applyMetadata(before.metadata, metadataChange) })
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
