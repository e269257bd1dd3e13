import type { Account } from '../account.ts'
import { resourceMissing } from '../http/errors.ts'
import { newId, randomText } from '../ids.ts'
import type { Customer } from '../store/objects.ts'

export const getCustomer = (account: Account, id: string): Customer => {
  const customer = account.store.customers.get(id)
  if (!customer) throw resourceMissing('customer', id)
  return customer
}

export const createCustomer = (account: Account, fields: Partial<Customer>): Customer => {
  const customer = account.store.customers.put({
    id: newId('customer'),
    object: 'customer',
    address: null,
    balance: 0,
    created: account.nowSeconds(),
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
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
    ...fields,
  })
  account.emit('customer.created', customer)
  return customer
}
