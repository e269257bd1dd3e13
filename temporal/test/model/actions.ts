import fc from 'fast-check'
import type { TestEnvironment, TestPurchase } from '../environment/test-environment.ts'

/** An action of a user, an admin, a bank, or an operator in the Stripe dashboard. */
export type Action =
  | { do: 'pay'; card: string }
  | { do: 'debit' }
  | { do: 'settle'; outcome: 'succeeded' | 'failed' }
  | { do: 'refund'; by: 'admin' | 'dashboard'; amount: number | null; twice: boolean }
  | { do: 'failRefund' }
  | { do: 'dispute'; change: string }
  | { do: 'close' }
  | { do: 'wait'; seconds: number }

const disputeChanges = [
  'open',
  'review',
  'lose',
  'lose',
  'win',
  'appeal',
  'appeal_review',
  'prevent',
  'escalate',
  'close_warning',
]
const cards = [
  '4242424242424242',
  '4242424242424242',
  '4000000000000002',
  '4000000000000259',
  '4000000000001976',
  '4000000000005126',
]

const kind = <const Kind extends Action['do']>(name: Kind) => fc.constant(name)

const payment: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: kind('pay'), card: fc.constantFrom(...cards) }) },
  { weight: 1, arbitrary: fc.record({ do: kind('debit') }) },
)

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 1, arbitrary: payment },
  { weight: 2, arbitrary: fc.record({ do: kind('settle'), outcome: fc.constantFrom('succeeded' as const, 'failed' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: kind('refund'),
      by: fc.constantFrom('admin' as const, 'dashboard' as const),
      amount: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 499 })),
      twice: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: kind('failRefund') }) },
  { weight: 4, arbitrary: fc.record({ do: kind('dispute'), change: fc.constantFrom(...disputeChanges) }) },
  { weight: 1, arbitrary: fc.record({ do: kind('close') }) },
  { weight: 1, arbitrary: fc.record({ do: kind('wait'), seconds: fc.integer({ min: 1, max: 300 }) }) },
)

/** Most sequences start with a payment, because few actions are possible before a payment. */
export const actionSequence: fc.Arbitrary<Action[]> = fc
  .tuple(fc.oneof({ weight: 9, arbitrary: payment }, { weight: 1, arbitrary: action }), fc.array(action, { maxLength: 8 }))
  .map(([first, rest]) => [first, ...rest])

/** Performs an action. Stripe or pay-to-view may reject it in the current state, in which case it must have no effect. */
export const perform = async (
  { stripe, purchases, advance }: TestEnvironment,
  { id, sessionId, startInput }: TestPurchase,
  action: Action,
) => {
  const paymentIntentId = () => stripe.paymentIntentId(sessionId)
  switch (action.do) {
    case 'pay':
      return stripe.pay(sessionId, { card: action.card })
    case 'debit':
      return stripe.pay(sessionId, { method: 'us_bank_account' })
    case 'settle':
      return stripe.settle(sessionId, action.outcome)
    case 'refund': {
      const { by, amount, twice } = action
      if (by === 'dashboard')
        return stripe.client.refunds.create({ payment_intent: await paymentIntentId(), ...(amount && { amount }) })
      const request = { requestId: `${id}-${amount}`, amount, reason: null, by: 'admin' }
      return Promise.all([purchases.refund(startInput, request), twice && purchases.refund(startInput, request)])
    }
    case 'failRefund': {
      const [latest] = await stripe.listRefunds(sessionId)
      return stripe.control(`refunds/${latest?.id}/fail`)
    }
    case 'dispute': {
      if (action.change === 'open') return stripe.control(`charges/${await stripe.chargeId(sessionId)}/dispute`)
      const [dispute] = (await stripe.client.disputes.list({ payment_intent: await paymentIntentId() })).data
      return stripe.control(`disputes/${dispute?.id}/${action.change}`)
    }
    case 'close':
      return purchases.closeCheckout(startInput)
    case 'wait':
      return advance(action.seconds * 1_000)
    default:
      return action satisfies never
  }
}
