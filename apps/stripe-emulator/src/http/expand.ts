import type { Store } from '../store/store.ts'
import type { World } from '../world.ts'
import { invalidParam } from './errors.ts'
import { listOf } from './lists.ts'

/** What can be expanded, by kind of object, and the kind that comes; `[]` is a list, `any` is known only when it is there. */
const EXPANDABLE: Record<string, Record<string, string>> = {
  'checkout.session': { payment_intent: 'payment_intent', customer: 'customer', line_items: 'item[]' },
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
  item: { price: 'price' },
  price: { product: 'product' },
  product: { default_price: 'price' },
  payment_method: { customer: 'customer' },
}

const MAX_DEPTH = 4

/** A copy of the answer with what was asked for in place of its ids (Stripe's page "Expanding responses"). */
export const expanded = (world: World, answer: object, paths: string[]): unknown =>
  paths.reduce<unknown>((result, path) => {
    const steps = path.split('.')
    if (steps.length > MAX_DEPTH)
      throw invalidParam(`You cannot expand more than ${MAX_DEPTH} levels of a property: ${path}.`, { param: 'expand' })
    check(kindOf(answer), steps, path)
    return filled(world, result, steps)
  }, answer)

/** A wrong path is refused even where nothing stands yet. */
const check = (kind: string, [name = '', ...rest]: string[], path: string): void => {
  if (kind === 'any') return
  const isList = kind.endsWith('[]')
  if (isList && (name !== 'data' || rest.length === 0))
    throw notExpandable(path, ` You may want to try expanding 'data.${path}' instead.`)
  const next = isList ? kind.slice(0, -2) : EXPANDABLE[kind]?.[name]
  if (!next) throw notExpandable(path)
  if (rest.length > 0) check(next, rest, path)
}

const filled = (world: World, value: unknown, [name, ...rest]: string[]): unknown => {
  if (name === undefined || !isObject(value)) return value
  const there = value[name]
  if (Array.isArray(there)) return { ...value, [name]: there.map((item) => filled(world, item, rest)) }
  const found = included(world.store, value, name) ?? (typeof there === 'string' ? world.store.find(there) : undefined)
  return { ...value, [name]: filled(world, found ?? there ?? null, rest) }
}

/** Lists that are part of their owner only when they are asked for. */
const included = (store: Store, { object, id }: Record<string, unknown>, name: string): object | undefined => {
  if (object === 'checkout.session' && name === 'line_items') return lineItems(store, String(id))
  if (object !== 'charge' || name !== 'refunds') return undefined
  const where = { index: 'charge', key: String(id) }
  return listOf([...store.refunds.newest(where, { limit: 10 })], store.refunds.count(where) > 10, `/v1/charges/${id}/refunds`)
}

export const lineItems = (store: Store, session: string) =>
  listOf(store.sessionDetails.get(session)?.line_items ?? [], false, `/v1/checkout/sessions/${session}/line_items`)

/** What a list holds, by the end of its address: an empty one says it nowhere else. */
const LISTED: Record<string, string> = {
  sessions: 'checkout.session',
  payment_intents: 'payment_intent',
  charges: 'charge',
  refunds: 'refund',
  disputes: 'dispute',
  balance_transactions: 'balance_transaction',
  customers: 'customer',
  events: 'event',
  line_items: 'item',
  prices: 'price',
  products: 'product',
  webhook_endpoints: 'webhook_endpoint',
}

const kindOf = (value: unknown): string => {
  if (!isObject(value)) return 'any'
  const last = String(value.url).split('/').at(-1) ?? ''
  return value.object === 'list' ? `${LISTED[last] ?? 'any'}[]` : String(value.object)
}

const notExpandable = (path: string, hint = '') =>
  invalidParam(`This property cannot be expanded (${path}).${hint}`, { param: 'expand' })

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
