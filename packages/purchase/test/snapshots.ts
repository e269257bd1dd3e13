import fc from 'fast-check'
import { disputeStatuses, type Snapshot } from '../src/index.ts'

const id = (prefix: string) => fc.constantFrom('1', '2').map((n) => `${prefix}_${n}`)
const second = fc.integer({ min: 0, max: 3 })
const small = fc.integer({ min: 0, max: 2 })
const money = fc.integer({ min: 1, max: 3 })

/** Generates snapshots with few ids and few times, so many snapshots share an object and a time. */
export const snapshots: fc.Arbitrary<Snapshot> = fc.oneof(
  fc.record({
    kind: fc.constant('session' as const),
    id: id('cs'),
    status: fc.constantFrom('open', 'missing', 'expired', 'complete'),
    paymentIntentId: fc.option(id('pi')),
    hasPaymentIntent: fc.boolean(),
    userId: fc.constantFrom('alice', 'mallory', null),
    entityId: fc.constantFrom('vid_1', null),
    totals: fc.option(
      fc.record({ currency: fc.constantFrom('usd', 'eur'), subtotal: money, discount: small, tax: small, total: small }),
      { nil: undefined },
    ),
    appliedDiscount: fc.option(
      fc.record({ promotionCodeId: fc.constantFrom('promo_1', null), code: fc.constantFrom('SUMMER', null) }),
      { nil: undefined },
    ),
    createdAt: second,
    observedAt: second,
  }),
  fc.record({
    kind: fc.constant('free_order' as const),
    id: id('cs'),
    amount: fc.constant(0 as const),
    currency: fc.constantFrom('usd', 'eur'),
    observedAt: second,
  }),
  fc.record({
    kind: fc.constant('free_order_refund' as const),
    id: id('cs'),
    requestId: fc.constantFrom('r1', 'r2'),
    observedAt: second,
  }),
  fc.record({
    kind: fc.constant('payment' as const),
    id: id('pi'),
    status: fc.constantFrom('unpaid', 'processing', 'failed', 'paid'),
    amount: money,
    currency: fc.constantFrom('usd', 'eur'),
    observedAt: second,
  }),
  fc.record({
    kind: fc.constant('refund' as const),
    id: id('re'),
    paymentIntentId: id('pi'),
    status: fc.constantFrom('pending', 'requires_action', 'succeeded', 'canceled', 'failed'),
    amount: money,
    createdAt: second,
    requestId: fc.constantFrom('r1', null),
    observedAt: second,
  }),
  fc.record({
    kind: fc.constant('dispute' as const),
    id: id('dp'),
    paymentIntentId: id('pi'),
    status: fc.constantFrom(...disputeStatuses),
    amount: money,
    refundable: fc.boolean(),
    withdrawn: fc.boolean(),
    observedAt: second,
  }),
  fc.record({ kind: fc.constant('rejection' as const), id: id('ptv'), code: fc.constantFrom('a', 'b'), observedAt: second }),
  fc.record({
    kind: fc.constant('acceptance' as const),
    id: fc.oneof(id('pi'), id('cs')),
    by: fc.constantFrom('root', 'ada'),
    observedAt: second,
  }),
)
