import type { Account } from '../account.ts'
import { breakdownOf } from '../model/totals.ts'
import type { Store } from '../store/store.ts'
import { invalidParam } from './errors.ts'
import { listObject } from './lists.ts'

/**
 * The expandable properties of each object type, with the types of their values. `[]` marks a list, and `any` means that the type
 * depends on the value. `a.b` is a property of a nested object, which cannot be expanded itself.
 */
const EXPANDABLE: Record<string, Record<string, string>> = {
  'checkout.session': {
    payment_intent: 'payment_intent',
    customer: 'customer',
    invoice: 'invoice',
    line_items: 'item[]',
    'discounts.coupon': 'coupon',
    'discounts.promotion_code': 'promotion_code',
    'total_details.breakdown': 'any',
  },
  payment_intent: { latest_charge: 'charge', customer: 'customer', payment_method: 'payment_method' },
  charge: {
    balance_transaction: 'balance_transaction',
    customer: 'customer',
    payment_intent: 'payment_intent',
    refunds: 'refund[]',
  },
  refund: {
    balance_transaction: 'balance_transaction',
    failure_balance_transaction: 'balance_transaction',
    charge: 'charge',
    payment_intent: 'payment_intent',
  },
  dispute: { charge: 'charge', payment_intent: 'payment_intent' },
  balance_transaction: { source: 'any' },
  payout: { balance_transaction: 'balance_transaction' },
  item: { price: 'price', discounts: 'any', taxes: 'any' },
  invoice: { customer: 'customer', payments: 'invoice_payment[]' },
  invoice_payment: { invoice: 'invoice', 'payment.payment_intent': 'payment_intent' },
  price: { product: 'product' },
  product: { default_price: 'price' },
  payment_method: { customer: 'customer' },
  coupon: { applies_to: 'coupon_products', currency_options: 'any' },
  promotion_code: { customer: 'customer', 'promotion.coupon': 'coupon' },
}

const MAX_DEPTH = 4

/** Returns a copy of the response in which the objects at `paths` replace their ids (Stripe's page "Expanding responses"). */
export const expandResponse = (account: Account, response: object, paths: string[]): unknown =>
  paths.reduce<unknown>((result, path) => {
    const steps = path.split('.')
    if (steps.length > MAX_DEPTH)
      throw invalidParam(`You cannot expand more than ${MAX_DEPTH} levels of a property: ${path}.`, { param: 'expand' })
    assertExpandable(typeOf(response), steps, path)
    return expandPath(account, result, steps)
  }, response)

/** Throws if the path is invalid, even if the property is null. */
const assertExpandable = (type: string, [name = '', ...rest]: string[], path: string): void => {
  if (type === 'any') return
  const isList = type.endsWith('[]')
  if (isList && (name !== 'data' || rest.length === 0))
    throw notExpandable(path, ` You may want to try expanding 'data.${path}' instead.`)
  const properties = EXPANDABLE[type] ?? {}
  const nested = isList ? undefined : properties[`${name}.${rest[0]}`]
  const next = nested ?? (isList ? type.slice(0, -2) : properties[name])
  if (!next) throw notExpandable(path)
  const remaining = nested ? rest.slice(1) : rest
  if (remaining.length > 0) assertExpandable(next, remaining, path)
}

/** Expands one path. `owner` is the object that contains a nested object such as total_details. */
const expandPath = (account: Account, value: unknown, [name, ...rest]: string[], owner: unknown = undefined): unknown => {
  if (name === undefined || !isObject(value)) return value
  const current = value[name]
  if (Array.isArray(current)) return { ...value, [name]: current.map((item) => expandPath(account, item, rest, value)) }
  const found =
    included(account.store, value, name, isObject(owner) ? owner : {}) ??
    (typeof current === 'string' ? account.store.find(current) : undefined)
  return { ...value, [name]: expandPath(account, found ?? current ?? null, rest, value) }
}

/** Returns a property that Stripe includes in an object only if it is expanded. */
const included = (store: Store, { object, id }: StripeObject, name: string, owner: StripeObject): object | undefined => {
  if (name === 'breakdown' && owner.object === 'checkout.session') {
    const details = store.sessionDetails.get(String(owner.id))
    return details && breakdownOf(details)
  }
  if (object === 'item' && (name === 'discounts' || name === 'taxes')) return detailsOfItem(store, String(id), owner)[name]
  if (object === 'invoice' && name === 'payments')
    return listObject([...store.invoicePayments.newest({ index: 'invoice', key: String(id) })], false, '/v1/invoice_payments')
  // The emulator's coupons have no further currencies.
  if (object === 'coupon' && name === 'currency_options') return {}
  if (object === 'coupon' && name === 'applies_to') return store.couponProducts.get(String(id))?.applies_to
  if (object === 'checkout.session' && name === 'line_items') return lineItems(store, String(id))
  if (object !== 'charge' || name !== 'refunds') return undefined
  const where = { index: 'charge', key: String(id) }
  return listObject([...store.refunds.newest(where, { limit: 10 })], store.refunds.count(where) > 10, `/v1/charges/${id}/refunds`)
}

/** Returns the discounts and taxes of a line item. The URL of the list contains the id of the session. */
const detailsOfItem = (store: Store, id: string, owner: StripeObject) => {
  const session = /\/v1\/checkout\/sessions\/([^/]+)\/line_items/.exec(String(owner.url))?.[1]
  const { discount, taxes, line_items = [] } = store.sessionDetails.get(session ?? '') ?? {}
  const line = line_items.find((one) => one.id === id)
  return {
    discounts: discount && line ? [{ amount: line.amount_discount, discount }] : [],
    taxes: taxes?.[id] ? [taxes[id]] : [],
  }
}

type StripeObject = Record<string, unknown>

export const lineItems = (store: Store, session: string) =>
  listObject(store.sessionDetails.get(session)?.line_items ?? [], false, `/v1/checkout/sessions/${session}/line_items`)

/** The item type of a list, by the last segment of the list's URL. Only the URL identifies the type of an empty list. */
const LIST_ITEM_TYPES: Record<string, string> = {
  sessions: 'checkout.session',
  payment_intents: 'payment_intent',
  charges: 'charge',
  refunds: 'refund',
  disputes: 'dispute',
  balance_transactions: 'balance_transaction',
  payouts: 'payout',
  customers: 'customer',
  events: 'event',
  line_items: 'item',
  invoices: 'invoice',
  invoice_payments: 'invoice_payment',
  prices: 'price',
  coupons: 'coupon',
  promotion_codes: 'promotion_code',
  products: 'product',
  webhook_endpoints: 'webhook_endpoint',
  registrations: 'tax.registration',
  tax_codes: 'tax_code',
}

const typeOf = (value: unknown): string => {
  if (!isObject(value)) return 'any'
  const last = String(value.url).split('/').at(-1) ?? ''
  return value.object === 'list' ? `${LIST_ITEM_TYPES[last] ?? 'any'}[]` : String(value.object)
}

const notExpandable = (path: string, suggestion = '') =>
  invalidParam(`This property cannot be expanded (${path}).${suggestion}`, { param: 'expand' })

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
