import type { Store } from '../store/store.ts'
import type { World } from '../world.ts'
import { invalidParam } from './errors.ts'
import { listOf } from './lists.ts'

/** What `expand` can put in, by kind of object: the kind that comes, and how it is found (by the id that stands there). */
type Find = (world: World, owner: { id: string }) => unknown
const EXPANDABLE: Record<string, Record<string, { kind: string; find?: Find }>> = {
  'checkout.session': {
    payment_intent: { kind: 'payment_intent' },
    customer: { kind: 'customer' },
    line_items: { kind: 'list:item', find: ({ store }, { id }) => lineItems(store, id) },
  },
  payment_intent: {
    latest_charge: { kind: 'charge' },
    customer: { kind: 'customer' },
    payment_method: { kind: 'payment_method' },
  },
  charge: {
    balance_transaction: { kind: 'balance_transaction' },
    customer: { kind: 'customer' },
    payment_intent: { kind: 'payment_intent' },
    refunds: {
      kind: 'list:refund',
      find: ({ store }, { id }) =>
        listOf(
          [...store.refunds.newest({ index: 'charge', key: id })].slice(0, 10),
          store.refunds.count({ index: 'charge', key: id }) > 10,
          `/v1/charges/${id}/refunds`,
        ),
    },
  },
  refund: {
    balance_transaction: { kind: 'balance_transaction' },
    failure_balance_transaction: { kind: 'balance_transaction' },
    charge: { kind: 'charge' },
    payment_intent: { kind: 'payment_intent' },
  },
  dispute: { charge: { kind: 'charge' }, payment_intent: { kind: 'payment_intent' } },
  balance_transaction: { source: { kind: 'any' } },
  item: { price: { kind: 'price', find: (_, owner) => Reflect.get(owner, 'price') } },
  price: { product: { kind: 'product' } },
  product: { default_price: { kind: 'price' } },
  customer: {},
  payment_method: { customer: { kind: 'customer' } },
}

const MAX_DEPTH = 4

export const lineItems = (store: Store, session: string) =>
  listOf(store.sessionDetails.get(session)?.line_items ?? [], false, `/v1/checkout/sessions/${session}/line_items`)

/** A copy of the answer with what was asked for in place of its ids (Stripe's page "Expanding responses"). */
export const expanded = (world: World, answer: object, paths: string[]): object => {
  let result = answer
  for (const path of paths) {
    const steps = path.split('.')
    if (steps.length > MAX_DEPTH)
      throw invalidParam(`You cannot expand more than ${MAX_DEPTH} levels of a property; '${path}' has ${steps.length}.`, {
        param: 'expand',
      })
    result = isList(result) ? intoList(world, result, steps, path) : into(world, result, kindOf(result), steps, path)
  }
  return result
}

const intoList = (world: World, list: { data: object[] }, [first, ...steps]: string[], path: string): object => {
  if (first !== 'data' || steps.length === 0) throw notExpandable(path, `You may want to try expanding 'data.${path}' instead.`)
  return { ...list, data: list.data.map((item) => into(world, item, kindOf(item), steps, path)) }
}

const into = (world: World, owner: unknown, kind: string, [name = '', ...rest]: string[], path: string): object => {
  if (isList(owner)) return intoList(world, owner, [name, ...rest], path)
  const fields = kind === 'any' ? undefined : EXPANDABLE[kind]
  const field = kind === 'any' ? { kind: 'any' } : fields?.[name]
  if (!field) throw notExpandable(path)
  if (!isObject(owner)) {
    // Nothing is there, but a wrong path must be refused all the same.
    if (rest.length > 0 && field.kind !== 'any')
      into(world, undefined, field.kind.replace('list:', ''), field.kind.startsWith('list:') ? rest.slice(1) : rest, path)
    return {}
  }
  const there: unknown = Reflect.get(owner, name)
  const found = isObject(there)
    ? there
    : 'find' in field && field.find
      ? field.find(world, owner)
      : typeof there === 'string'
        ? world.store.find(there)
        : there
  const deeper = rest.length > 0 ? into(world, found, isObject(found) ? kindOf(found) : field.kind, rest, path) : found
  return { ...owner, [name]: isObject(found) ? deeper : (found ?? there ?? null) }
}

const notExpandable = (path: string, hint = '') =>
  invalidParam(`This property cannot be expanded (${path}).${hint && ` ${hint}`}`, { param: 'expand' })

type Obj = { id: string }
const isObject = (value: unknown): value is Obj => typeof value === 'object' && value !== null
const isList = (value: unknown): value is { data: object[] } =>
  typeof value === 'object' && value !== null && Reflect.get(value, 'object') === 'list'
const kindOf = (value: object): string => String(Reflect.get(value, 'object'))
