import { type PayToViewClient, problemOf } from '@pay-to-view/client'
import { seeded } from '@pay-to-view/devstack'
import fc from 'fast-check'
import type { World } from './world.ts'

/** What is for sale to a life: two products of a film, a film of the channel, the channel itself. */
const goods = [
  { entityId: seeded.film, product: seeded.thirtyDays },
  { entityId: seeded.film, product: seeded.toKeep },
  { entityId: seeded.channelFilm, product: seeded.thirtyDays },
  { entityId: seeded.channel, product: seeded.channelYear },
] as const

const cards = {
  good: { card: '4242424242424242' },
  declined: { card: '4000000000000002' },
  secure: { card: '4000002760003184', authenticate: 'complete' },
  secureFails: { card: '4000002760003184', authenticate: 'fail' },
  disputed: { card: '4000000000000259' },
  refundFails: { card: '4000000000005126' },
  refundWaits: { card: '4000000000007726' },
  debit: { method: 'us_bank_account' },
} as const

const one = <const T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const part = one(null, 100, 250)

export type Step =
  | { do: 'create'; what: number; devices: number }
  | { do: 'pay'; how: keyof typeof cards; tab: 'newest' | 'any' }
  | { do: 'settle'; outcome: 'succeeded' | 'failed' }
  | { do: 'byHand'; amount: 'quoted' | 'other' }
  | { do: 'adminRefund'; amount: number | null; key: string | null }
  | { do: 'bothRefund'; amount: number | null }
  | { do: 'dashboardRefund'; amount: number | null }
  | { do: 'refundGoes'; verb: 'succeed' | 'fail' | 'cancel' | 'require_action' | 'set_pending' }
  | { do: 'dispute'; status: 'needs_response' | 'warning_needs_response' }
  | { do: 'disputeGoes'; verb: 'review' | 'win' | 'lose' | 'appeal' | 'appeal_review' | 'prevent' | 'close_warning' | 'escalate' }
  | { do: 'expire' }
  | { do: 'age' }
  | { do: 'deadline'; whilePaying: boolean }

const buying: [fc.Arbitrary<Step>, fc.Arbitrary<Step>] = [
  fc.record({ do: fc.constant('create' as const), what: fc.nat(goods.length - 1), devices: one(1, 1, 2) }),
  fc.record({
    do: fc.constant('pay' as const),
    how: one('good', 'good', 'good', 'declined', 'secure', 'secureFails', 'disputed', 'refundFails', 'refundWaits', 'debit'),
    tab: one('newest', 'newest', 'any'),
  }),
]

const after: fc.Arbitrary<Step>[] = [
  fc.record({ do: fc.constant('settle' as const), outcome: one('succeeded', 'failed') }),
  fc.record({ do: fc.constant('byHand' as const), amount: one('quoted', 'quoted', 'other') }),
  fc.record({ do: fc.constant('adminRefund' as const), amount: part, key: one(null, 'a', 'b') }),
  fc.record({ do: fc.constant('bothRefund' as const), amount: part }),
  fc.record({ do: fc.constant('dashboardRefund' as const), amount: part }),
  fc.record({ do: fc.constant('refundGoes' as const), verb: one('succeed', 'fail', 'cancel', 'require_action', 'set_pending') }),
  fc.record({ do: fc.constant('dispute' as const), status: one('needs_response', 'warning_needs_response') }),
  fc.record({
    do: fc.constant('disputeGoes' as const),
    verb: one('review', 'win', 'lose', 'appeal', 'appeal_review', 'prevent', 'close_warning', 'escalate'),
  }),
  fc.record({ do: fc.constant('expire' as const) }),
  fc.record({ do: fc.constant('age' as const) }),
  fc.record({ do: fc.constant('deadline' as const), whilePaying: fc.boolean() }),
]

/** Each begins with somebody who buys; then anything may happen, the impossible included, which Stripe or we refuse. */
export const steps: fc.Arbitrary<Step[]> = fc
  .tuple(
    fc.tuple(...buying),
    fc.array(fc.oneof({ weight: 2, arbitrary: fc.oneof(...buying) }, { weight: 3, arbitrary: fc.oneof(...after) }), {
      minLength: 1,
      maxLength: 8,
    }),
  )
  .map(([first, rest]) => [...first, ...rest])

const sessionOf = ({ clientSecret }: { clientSecret: string }): string => clientSecret.split('_secret_')[0] ?? ''

/** One user, and what is done to what they buy. */
export class Life {
  /** Answers that nobody should ever get. */
  readonly wrong: string[] = []
  paid = 0
  readonly user: string
  readonly steps: readonly Step[]
  readonly #world: World
  readonly #sessions: string[] = []
  readonly #purchases: string[] = []

  constructor(world: World, user: string, list: readonly Step[]) {
    this.#world = world
    this.user = user
    this.steps = list
  }

  async live(): Promise<void> {
    const viewer = await this.#world.client(this.user)
    for (const step of this.steps) {
      try {
        await this.#take(viewer, step)
      } catch (error) {
        const problem = problemOf(error)
        // Refused, or away for a moment: both may be. Anything else is ours.
        if (problem?.code === 'internal') this.wrong.push(`${this.user}: ${JSON.stringify(step)} gave ${JSON.stringify(problem)}`)
      }
    }
  }

  async #take(viewer: PayToViewClient, step: Step): Promise<unknown> {
    const { emulator, stripe, insist } = this.#world
    switch (step.do) {
      case 'create': {
        const { entityId, product: payToViewProductId } = goods[step.what] ?? goods[0]
        const wanted = { payToViewProductId, entityId, returnUrl: 'https://yoursite.com/' }
        const answers = await Promise.all(
          Array.from({ length: step.devices }, () => insist(() => viewer.purchases.create.mutate(wanted))),
        )
        const made = answers.filter((answer) => answer.success)
        const [first] = made
        if (!first) return
        const sessions = new Set(made.map(sessionOf))
        if (sessions.size > 1 && (await this.#openOf([...sessions])).length > 1) {
          this.wrong.push(`${this.user}: two devices have two open checkouts: ${[...sessions]}`)
        }
        this.#sessions.push(sessionOf(first))
        this.#purchases.push(first.purchaseId)
        return
      }
      case 'pay': {
        const session = step.tab === 'newest' ? this.#sessions.at(-1) : this.#sessions[0]
        if (session) await this.#pay(session, cards[step.how])
        return
      }
      case 'settle':
        return emulator(`payment_intents/${(await this.#payments()).at(-1)}/settle`, { outcome: step.outcome })
      case 'byHand': {
        const session = this.#sessions.at(-1)
        if (!session) return
        const { metadata, amount_total, currency, customer } = await stripe.checkout.sessions.retrieve(session)
        const unit_amount = step.amount === 'quoted' ? (amount_total ?? 0) : 77
        const { id } = await stripe.checkout.sessions.create({
          mode: 'payment',
          ui_mode: 'embedded_page',
          redirect_on_completion: 'never',
          line_items: [
            { quantity: 1, price_data: { currency: currency ?? 'usd', unit_amount, product_data: { name: 'by hand' } } },
          ],
          metadata: metadata ?? undefined,
          customer: typeof customer === 'string' ? customer : undefined,
        })
        return this.#pay(id)
      }
      case 'adminRefund':
        return this.#refund(step.amount, step.key)
      case 'bothRefund':
        return Promise.allSettled([this.#refund(step.amount, null), this.#dashboardRefund(step.amount)])
      case 'dashboardRefund':
        return this.#dashboardRefund(step.amount)
      case 'refundGoes': {
        const payment = (await this.#payments()).at(-1)
        const [refund] = payment ? (await stripe.refunds.list({ payment_intent: payment, limit: 1 })).data : []
        return refund && emulator(`refunds/${refund.id}/${step.verb}`)
      }
      case 'dispute': {
        const payment = (await this.#payments()).at(-1)
        const [charge] = payment ? (await stripe.charges.list({ payment_intent: payment, limit: 1 })).data : []
        return charge && emulator(`charges/${charge.id}/dispute`, { status: step.status })
      }
      case 'disputeGoes': {
        const payment = (await this.#payments()).at(-1)
        const [dispute] = payment ? (await stripe.disputes.list({ payment_intent: payment, limit: 1 })).data : []
        return dispute && emulator(`disputes/${dispute.id}/${step.verb}`)
      }
      case 'expire':
        return emulator(`checkout/sessions/${this.#sessions.at(-1)}/expire`)
      case 'age': {
        // Longer than a checkout is given out again.
        const purchase = this.#purchases.at(-1)
        return purchase && this.#world.age(purchase, 6)
      }
      case 'deadline': {
        const [session, purchase] = [this.#sessions.at(-1), this.#purchases.at(-1)]
        if (!session || !purchase) return
        return Promise.all([this.#world.endCheckout(purchase), step.whilePaying && this.#pay(session)])
      }
      default:
        return step satisfies never
    }
  }

  /** Those that can still be paid: a deadline between two answers makes the first of them a closed one. */
  async #openOf(sessions: string[]): Promise<string[]> {
    const found = await Promise.all(sessions.map((session) => this.#world.stripe.checkout.sessions.retrieve(session)))
    return found.filter(({ status }) => status === 'open').map(({ id }) => id)
  }

  async #pay(session: string, how: object = cards.good): Promise<void> {
    if ((await this.#world.emulator(`checkout/sessions/${session}/pay`, how)) === 200) this.paid++
  }

  async #refund(amount: number | null, requestId: string | null): Promise<void> {
    const id = this.#purchases.at(-1)
    if (!id) return
    const { client, insist } = this.#world
    const admin = await client('root', { admin: true })
    await insist(() =>
      admin.admin.purchases.refund.mutate({ id, amount: amount ?? undefined, requestId: requestId ?? undefined }),
    )
  }

  async #dashboardRefund(amount: number | null): Promise<void> {
    const payment = (await this.#payments()).at(-1)
    if (payment) await this.#world.stripe.refunds.create({ payment_intent: payment, amount: amount ?? undefined })
  }

  async #payments(): Promise<string[]> {
    const found = []
    for (const session of this.#sessions) {
      const { payment_intent } = await this.#world.stripe.checkout.sessions.retrieve(session)
      if (typeof payment_intent === 'string') found.push(payment_intent)
    }
    return found
  }
}
