import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PurchaseTerms, Snapshot } from '../src/index.ts'
import { Ledger } from './lives/ledger.ts'
import { Stripe } from './lives/stripe.ts'

// LIVES_SEED plays the same lives again.
const seed = Number(process.env.LIVES_SEED ?? Date.now() % 2 ** 31)

const price = 3
const quote = (entityId: string, name: string): PurchaseTerms => ({
  userId: 'alice',
  entityId,
  amount: price,
  currency: 'usd',
  accessDurationDays: null,
  // The first that its Stripe opens.
  sessionId: `cs_${name}_0`,
})

/** Two attempts at a film that is in a channel, one at the channel, one at another film. */
const quotes = {
  first: quote('film', 'first'),
  again: quote('film', 'again'),
  channel: quote('channel', 'channel'),
  other: quote('other', 'other'),
}
const names = ['first', 'again', 'channel', 'other'] as const
const opens = (grant: string, entity: string): boolean => grant === entity || (grant === 'channel' && entity === 'film')

interface World {
  stripes: Record<string, Stripe>
  ledger: Ledger
  delivered: Map<string, number>
}

const stripeOf = ({ stripes }: World, name: string): Stripe => {
  const found = stripes[name]
  if (!found) throw new Error(`There is no ${name}`)
  return found
}

/** Something that happens to one purchase, at Stripe or on the way from it. fast-check shrinks a failing list of them. */
class Happening implements fc.Command<object, World> {
  readonly #what: string
  readonly #purchase: string
  readonly #act: (stripe: Stripe, world: World, purchase: string) => void
  constructor(what: string, purchase: string, act: (stripe: Stripe, world: World, purchase: string) => void) {
    this.#what = what
    this.#purchase = purchase
    this.#act = act
  }
  check = (): boolean => true
  run = (_model: object, world: World): void => this.#act(stripeOf(world, this.#purchase), world, this.#purchase)
  toString = (): string => `${this.#purchase}.${this.#what}`
}

/** What comes in one event: a payment together with its checkout. */
const events = (told: readonly Snapshot[]): Snapshot[][] => {
  const found: Snapshot[][] = []
  for (const snapshot of told) {
    const before = found.at(-1)?.at(-1)
    const together = before?.kind === 'payment' && snapshot.kind === 'session' && snapshot.paymentIntentId === before.id
    if (together) found.at(-1)?.push(snapshot)
    else found.push([snapshot])
  }
  return found
}

/** Tells the rules what Stripe has told so far, or nothing: webhooks come when they come, and the newest may come first. */
const deliver = (stripe: Stripe, { ledger, delivered }: World, purchase: string, newestFirst = false): void => {
  const told = stripe.told.slice(delivered.get(purchase) ?? 0)
  delivered.set(purchase, stripe.told.length)
  for (const event of newestFirst ? events(told).reverse() : [told]) ledger.apply(purchase, event)
}

const purchase = fc.constantFrom(...names)
const which = fc.nat(3)
const happening = <T extends object>(
  what: string,
  parts: { [K in keyof T]: fc.Arbitrary<T[K]> },
  act: (stripe: Stripe, parts: T) => void,
) =>
  fc
    .tuple(purchase, fc.record<T>(parts))
    .map(([name, values]) => new Happening(`${what}(${JSON.stringify(values)})`, name, (stripe) => act(stripe, values)))

const amount = fc.integer({ min: 1, max: price })
const happenings = [
  happening('pay', { nth: which }, (stripe, { nth }) => stripe.pay(nth, price, 'paid')),
  happening('pay', { nth: which }, (stripe, { nth }) => stripe.pay(nth, price, 'paid')),
  happening('payAnother', { nth: which }, (stripe, { nth }) => stripe.pay(nth, price - 1, 'paid')),
  happening('debit', { nth: which }, (stripe, { nth }) => stripe.pay(nth, price, 'processing')),
  happening('settle', { nth: which, end: fc.constantFrom('paid' as const, 'failed' as const) }, (stripe, { nth, end }) =>
    stripe.settle(nth, end),
  ),
  happening('look', { nth: which }, (stripe, { nth }) => stripe.look(nth)),
  happening('byHand', {}, (stripe) => stripe.open()),
  happening('expire', { nth: which }, (stripe, { nth }) => stripe.expire(nth)),
  happening('refund', { amount }, (stripe, { amount: minor }) => stripe.refund(stripe.paid[0], minor)),
  happening(
    'refundGoes',
    { nth: which, status: fc.constantFrom(...(['succeeded', 'failed', 'canceled', 'requires_action'] as const)) },
    (stripe, { nth, status }) => stripe.moveRefund(nth, status),
  ),
  happening('dispute', {}, (stripe) => stripe.dispute(stripe.paid[0])),
  happening(
    'disputeGoes',
    {
      status: fc.constantFrom(
        ...(['under_review', 'won', 'lost', 'appeal_under_review', 'prevented', 'warning_closed'] as const),
      ),
      withdrawn: fc.boolean(),
    },
    (stripe, { status, withdrawn }) => stripe.moveDispute(status, withdrawn),
  ),
  purchase.map((name) => new Happening('hears', name, (...world) => deliver(...world))),
  purchase.map((name) => new Happening('hearsTheNewestFirst', name, (...world) => deliver(...world, true))),
]

const begin = (): World => {
  const clock = { now: 0 }
  return {
    stripes: Object.fromEntries(Object.entries(quotes).map(([name, one]) => [name, new Stripe(name, clock, one)])),
    ledger: new Ledger(quotes, opens),
    delivered: new Map(),
  }
}

/** What Stripe holds of a purchase, told without the rules: the payments whose money is kept and not fought over. */
const keptOf = (stripe: Stripe, only: 'quoted' | 'any' = 'quoted') =>
  stripe.paid.filter((payment) => {
    const fought = stripe.disputes.filter((dispute) => dispute.paymentIntentId === payment.id)
    const withheld = fought.some(
      ({ status, withdrawn }) => !['won', 'warning_closed'].includes(status) && (status !== 'prevented' || withdrawn),
    )
    return (only === 'any' || payment.amount === price) && stripe.standing(payment.id) < payment.amount && !withheld
  })

const shuffled = <T>(list: readonly T[], random: () => number): T[] =>
  list
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)

/** A generator of its own, so that a life and its seed say everything. */
const numbers = (from: number) => {
  let state = from >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

test(`2,000 lives: access, status and money follow what Stripe holds, in whatever order it is told (LIVES_SEED=${seed})`, () => {
  let paid = 0
  fc.assert(
    fc.property(fc.commands(happenings, { maxCommands: 40, size: 'max' }), fc.nat(), (commands, order) => {
      const world = begin()
      fc.modelRun(() => ({ model: {}, real: world }), commands)
      const random = numbers(order)
      // In the end everything arrives; the same, shuffled and doubled, is told to other purchases that have heard nothing yet.
      for (const name of names) deliver(stripeOf(world, name), world, name)
      const refunding = new Set<string>()
      for (const [payment, { purchase: name, amount }] of world.ledger.orders) {
        const stripe = stripeOf(world, name)
        stripe.refund(
          stripe.paid.find(({ id }) => id === payment),
          amount,
          `duplicate-${payment}`,
        )
        refunding.add(payment)
      }
      for (const name of names) deliver(stripeOf(world, name), world, name)
      const mixed = new Ledger(quotes, opens)
      for (const name of names) {
        for (const snapshot of shuffled([...stripeOf(world, name).told, ...stripeOf(world, name).told], random))
          mixed.apply(name, [snapshot])
      }
      for (const name of names) {
        const stripe = stripeOf(world, name)
        const projection = world.ledger.project(name)
        expect(mixed.project(name)).toEqual(projection)
        paid += stripe.paid.length > 0 ? 1 : 0
        expect(projection.payment === null).toBe(stripe.paid.length === 0)
        if (!projection.payment) continue
        expect(projection.amountRefunded).toBe(stripe.standing(projection.payment.id))
        expect(projection.amountRefunded).toBeLessThanOrEqual(projection.amountPaid)
        expect(projection.status === 'Refunded').toBe(stripe.standing(projection.payment.id) === projection.payment.amount)
        const kept = keptOf(stripe).some(({ id }) => id === projection.payment?.id)
        expect(projection.status === 'Completed').toBe(kept && projection.mismatch === null)
      }
      for (const entity of ['film', 'channel', 'other']) {
        const paying = names.filter((name) => opens(quotes[name].entityId, entity) && keptOf(stripeOf(world, name)).length > 0)
        if (world.ledger.hasAccess(entity)) expect(paying).not.toEqual([])
        const own = paying.filter((name) => quotes[name].entityId === entity && !world.ledger.told.has(name))
        const refused = (name: string) => keptOf(stripeOf(world, name)).every(({ id }) => refunding.has(id))
        if (own.some((name) => !refused(name) && world.ledger.project(name).status === 'Completed')) {
          expect(world.ledger.hasAccess(entity), `access to ${entity}, paid by ${own}`).toBe(true)
        }
        // Whatever is given back as a second payment, there is a first one that is not.
        const asQuoted = names
          .filter((name) => opens(quotes[name].entityId, entity))
          .flatMap((name) => stripeOf(world, name).paid.filter((payment) => payment.amount === price))
        if (asQuoted.length > 0) expect(asQuoted.some(({ id }) => !refunding.has(id))).toBe(true)
        // Of what is held, the money of one payment only is kept: every other was ordered back or the operator was told.
        const twice = names
          .filter((name) => quotes[name].entityId === entity && !world.ledger.told.has(name))
          .flatMap((name) => keptOf(stripeOf(world, name)).filter(({ id }) => !refunding.has(id)))
        expect(twice.length, `paid for ${entity}`).toBeLessThanOrEqual(1)
      }
    }),
    { numRuns: 2_000, seed },
  )
  expect(paid).toBeGreaterThan(2_000)
})
