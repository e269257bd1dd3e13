import { z } from 'zod'
import { missing } from '../http/errors.ts'
import { page, where } from '../http/lists.ts'
import { applyMetadata, created, email, metadata, paging, unsettable, unsettableEmail } from '../http/params.ts'
import { route } from '../http/route.ts'
import { newId, randomText } from '../ids.ts'
import type { Customer } from '../store/wire.ts'
import { previousAttributes, type World } from '../world.ts'

const fields = {
  email: unsettableEmail.optional(),
  name: unsettable(256).optional(),
  phone: unsettable(20).optional(),
  description: unsettable(350).optional(),
  metadata: metadata.optional(),
  preferred_locales: z.array(z.string()).optional(),
}

const get = (world: World, id: string): Customer => {
  const customer = world.store.customers.get(id)
  if (!customer) throw missing('customer', id)
  return customer
}

/** All that is left of one that was deleted; a session can still name it. */
const deleted = (id: string) => ({ id, object: 'customer', deleted: true }) as const

export const customers = [
  route('POST', '/v1/customers', fields, (world, { metadata: given, ...params }) => {
    const customer = world.store.customers.put({
      id: newId('customer'),
      object: 'customer',
      address: null,
      balance: 0,
      created: world.now(),
      currency: null,
      customer_account: null,
      default_source: null,
      delinquent: false,
      description: null,
      discount: null,
      email: null,
      invoice_prefix: randomText(8).toUpperCase(),
      invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
      livemode: false,
      metadata: applyMetadata({}, given),
      name: null,
      next_invoice_sequence: 1,
      phone: null,
      preferred_locales: [],
      shipping: null,
      tax_exempt: 'none',
      test_clock: null,
      ...params,
    })
    world.emit('customer.created', customer)
    return customer
  }),
  route('GET', '/v1/customers/:id', {}, (world, _, id) => (world.store.deletedCustomers.get(id) ? deleted(id) : get(world, id))),
  route('POST', '/v1/customers/:id', fields, (world, { metadata: given, ...params }, id) => {
    const before = get(world, id)
    const after = world.store.customers.put({ ...before, ...params, metadata: applyMetadata(before.metadata, given) })
    const previous = previousAttributes(before, after)
    if (Object.keys(previous).length > 0) world.emit('customer.updated', after, previous)
    return after
  }),
  route('DELETE', '/v1/customers/:id', {}, (world, _, id) => {
    world.emit('customer.deleted', get(world, id))
    world.store.customers.remove(id)
    return world.store.deletedCustomers.put(deleted(id))
  }),
  route(
    'GET',
    '/v1/customers',
    { ...paging, created: created.optional(), email: email.optional() },
    (world, { email: of, ...query }) =>
      page(world.store.customers, '/v1/customers', 'customer', { ...query, where: where('email', of) }),
  ),
]
