import fc from 'fast-check'
import type { Bought, Stage } from '../environment/test-environment.ts'

/** Something that a viewer, an admin, a bank or the operator in Stripe's dashboard does with a purchase. */
export type Step =
  | { do: 'pay'; card: string }
  | { do: 'debit' }
  | { do: 'settle'; outcome: 'succeeded' | 'failed' }
  | { do: 'refund'; by: 'admin' | 'dashboard'; amount: number | null; again: boolean }
  | { do: 'failRefund' }
  | { do: 'dispute'; step: string }
  | { do: 'close' }
  | { do: 'wait'; seconds: number }

const disputeSteps = ['open', 'review', 'lose', 'lose', 'win', 'appeal', 'appeal_review', 'prevent', 'escalate', 'close_warning']
const cards = [
  '4242424242424242',
  '4242424242424242',
  '4000000000000002',
  '4000000000000259',
  '4000000000001976',
  '4000000000005126',
]

const one = <const Kind extends Step['do']>(kind: Kind) => fc.constant(kind)

const payment: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: one('pay'), card: fc.constantFrom(...cards) }) },
  { weight: 1, arbitrary: fc.record({ do: one('debit') }) },
)

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: payment },
  { weight: 2, arbitrary: fc.record({ do: one('settle'), outcome: fc.constantFrom('succeeded' as const, 'failed' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: one('refund'),
      by: fc.constantFrom('admin' as const, 'dashboard' as const),
      amount: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 499 })),
      again: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: one('failRefund') }) },
  { weight: 4, arbitrary: fc.record({ do: one('dispute'), step: fc.constantFrom(...disputeSteps) }) },
  { weight: 1, arbitrary: fc.record({ do: one('close') }) },
  { weight: 1, arbitrary: fc.record({ do: one('wait'), seconds: fc.integer({ min: 1, max: 300 }) }) },
)

/** Most begin with a try to pay: before it there is little that can be done. */
export const script: fc.Arbitrary<Step[]> = fc
  .tuple(fc.oneof({ weight: 9, arbitrary: payment }, { weight: 1, arbitrary: step }), fc.array(step, { maxLength: 8 }))
  .map(([first, rest]) => [first, ...rest])

/** Does it, where it can be done: what Stripe or we refuse in this state has to leave everything as it is. */
export const take = async ({ stripe, purchases, advance }: Stage, { id, sessionId, starter }: Bought, step: Step) => {
  const paymentOf = () => stripe.paymentOf(sessionId)
  switch (step.do) {
    case 'pay':
      return stripe.pay(sessionId, { card: step.card })
    case 'debit':
      return stripe.pay(sessionId, { method: 'us_bank_account' })
    case 'settle':
      return stripe.settle(sessionId, step.outcome)
    case 'refund': {
      const { by, amount, again } = step
      if (by === 'dashboard') return stripe.node.refunds.create({ payment_intent: await paymentOf(), ...(amount && { amount }) })
      const wish = { requestId: `${id}-${amount}`, amount, reason: null, by: 'admin' }
      return Promise.all([purchases.refund(starter, wish), again && purchases.refund(starter, wish)])
    }
    case 'failRefund': {
      const [latest] = await stripe.refunds(sessionId)
      return stripe.post(`refunds/${latest?.id}/fail`)
    }
    case 'dispute': {
      if (step.step === 'open') return stripe.post(`charges/${await stripe.chargeOf(sessionId)}/dispute`)
      const [open] = (await stripe.node.disputes.list({ payment_intent: await paymentOf() })).data
      return stripe.post(`disputes/${open?.id}/${step.step}`)
    }
    case 'close':
      return purchases.closeCheckout(starter)
    case 'wait':
      return advance(step.seconds * 1_000)
    default:
      return step satisfies never
  }
}
