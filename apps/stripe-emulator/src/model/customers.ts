import { type Account, previousAttributes } from '../account.ts'
import { resourceMissing } from '../http/errors.ts'
import { newId, randomText } from '../ids.ts'
import type { Customer, Session, SessionDetails } from '../store/objects.ts'

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

/** Stores the buyer's details on the customer: the e-mail address if the customer had none, and the fields that `customer_update` allows. */
export const saveBuyerDetails = (
  account: Account,
  id: string | null,
  entered: Session['customer_details'],
  { address, name }: NonNullable<SessionDetails['customer_update']>,
): void => {
  const customer = id ? account.store.customers.get(id) : undefined
  if (!customer || !entered) return
  updateCustomer(account, customer, {
    ...(!customer.email && entered.email && { email: entered.email }),
    ...(address === 'auto' && entered.address && { address: entered.address }),
    ...(name === 'auto' && entered.name && { name: entered.name }),
  })
}

export const updateCustomer = (account: Account, before: Customer, patch: Partial<Customer>): Customer => {
  const after = account.store.customers.put({ ...before, ...patch })
  const previous = previousAttributes(before, after)
  if (Object.keys(previous).length > 0) account.emit('customer.updated', after, previous)
  return after
}
