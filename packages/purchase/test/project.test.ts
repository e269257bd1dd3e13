import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type DisputeSnapshot,
  decideAccess,
  decideRefund,
  isActiveRefund,
  mergeAll,
  noFacts,
  type PaymentSnapshot,
  type PurchaseTerms,
  project,
  type RefundSnapshot,
  type SessionSnapshot,
  type Snapshot,
} from '../src/index.ts'
import { snapshots } from './snapshots.ts'

const quote: PurchaseTerms = {
  ...{ userId: 'alice', entityId: 'vid_1', amount: 499, currency: 'usd', accessDurationDays: 30 },
  sessionId: 'cs_1',
}

const session = (over: Partial<SessionSnapshot> = {}): SessionSnapshot => ({
  kind: 'session',
  id: 'cs_1',
  status: 'complete',
  paymentIntentId: 'pi_1',
  hasPaymentIntent: true,
  userId: 'alice',
  entityId: 'vid_1',
  createdAt: 50,
  observedAt: 100,
  ...over,
})
const payment = (over: Partial<PaymentSnapshot> = {}): PaymentSnapshot => ({
  kind: 'payment',
  id: 'pi_1',
  status: 'paid',
  amount: 499,
  currency: 'usd',
  observedAt: 100,
  ...over,
})
const refund = (over: Partial<RefundSnapshot> = {}): RefundSnapshot => ({
  kind: 'refund',
  id: 're_1',
  paymentIntentId: 'pi_1',
  status: 'succeeded',
  amount: 499,
  createdAt: 200,
  requestId: null,
  observedAt: 200,
  ...over,
})
const dispute = (over: Partial<DisputeSnapshot> = {}): DisputeSnapshot => ({
  kind: 'dispute',
  id: 'dp_1',
  paymentIntentId: 'pi_1',
  status: 'needs_response',
  amount: 499,
  refundable: false,
  withdrawn: true,
  observedAt: 300,
  ...over,
})
const factsFrom = (...list: Snapshot[]) => mergeAll(noFacts, list)
const statusOf = (list: Snapshot[]) => project(factsFrom(...list), quote).status
const paid = [session(), payment()]

describe('the status', () => {
  test.each<[string, Snapshot[], string]>([
    ['there are no facts', [], 'Pending'],
    ['the checkout is open', [session({ status: 'open', paymentIntentId: null })], 'Pending'],
    ['the checkout expired unpaid', [session({ status: 'expired', paymentIntentId: null })], 'Expired'],
    ['Stripe rejected the checkout', [{ kind: 'rejection', id: 'ptv_1', code: 'x', observedAt: 1 }], 'Expired'],
    ['a delayed payment is processing', [session(), payment({ status: 'processing' })], 'Pending'],
    ['a delayed payment failed', [session(), payment({ status: 'failed' })], 'Failed'],
    ['the checkout is complete and its payment intent is still unknown', [session({ paymentIntentId: null })], 'Pending'],
    ['it is paid', paid, 'Completed'],
    [
      'it is paid and a later snapshot of the checkout is open',
      [...paid, session({ status: 'open', observedAt: 999 })],
      'Completed',
    ],
    ['it is partly refunded', [...paid, refund({ amount: 100 })], 'Completed'],
    ['several partial refunds add up', [...paid, refund({ amount: 300 }), refund({ id: 're_2', amount: 199 })], 'Refunded'],
    ['a full refund is pending', [...paid, refund({ status: 'pending' })], 'Refunded'],
    ['a refund failed after it had succeeded', [...paid, refund(), refund({ status: 'failed', observedAt: 201 })], 'Completed'],
    ['the refund arrives before the payment', [refund(), ...paid], 'Refunded'],
    ['it is disputed', [...paid, dispute()], 'Disputed'],
    ['there is an inquiry', [...paid, dispute({ status: 'warning_needs_response' })], 'Completed'],
    ['the dispute is won', [...paid, dispute(), dispute({ status: 'won', observedAt: 301 })], 'Completed'],
    ['the dispute is lost', [...paid, dispute(), dispute({ status: 'lost', observedAt: 301 })], 'ChargedBack'],
    [
      'the lost dispute is appealed',
      [...paid, dispute({ status: 'lost' }), dispute({ status: 'appeal_under_review', observedAt: 301 })],
      'Disputed',
    ],
    ['the appeal is won', [...paid, dispute({ status: 'lost' }), dispute({ status: 'won', observedAt: 302 })], 'Completed'],
    ['a dispute is prevented and the funds were withdrawn', [...paid, dispute({ status: 'prevented' })], 'ChargedBack'],
    [
      'a dispute is prevented and no funds were withdrawn',
      [...paid, dispute({ status: 'prevented', withdrawn: false })],
      'Completed',
    ],
    ['the amount does not match', [session(), payment({ amount: 1 })], 'Pending'],
    ['the currency does not match', [session(), payment({ currency: 'eur' })], 'Pending'],
    ['the user does not match', [session({ userId: 'mallory' }), payment()], 'Pending'],
    ['the entity does not match', [session({ entityId: 'vid_2' }), payment()], 'Pending'],
    ['a coupon covers the whole amount', [session({ paymentIntentId: null, hasPaymentIntent: false })], 'Expired'],
    ['it is completed and its payment intent is still unknown', [session({ paymentIntentId: null })], 'Pending'],
    [
      'Stripe no longer knows the checkout',
      [session({ status: 'open' }), session({ status: 'missing', paymentIntentId: null })],
      'Expired',
    ],
    [
      'it was paid and Stripe no longer knows the checkout',
      [...paid, session({ status: 'missing', observedAt: 900 })],
      'Completed',
    ],
    [
      'another checkout, created in the dashboard, expires',
      [session({ id: 'cs_2', status: 'expired', paymentIntentId: null })],
      'Pending',
    ],
    [
      'both checkouts expire',
      [session({ id: 'cs_2', status: 'expired', paymentIntentId: null }), session({ status: 'expired', paymentIntentId: null })],
      'Expired',
    ],
    [
      'it expires and the delayed payment of another checkout is processing',
      [
        session({ status: 'expired', paymentIntentId: null }),
        session({ id: 'cs_2', paymentIntentId: 'pi_2' }),
        payment({ id: 'pi_2', status: 'processing' }),
      ],
      'Pending',
    ],
    ['a payment with a mismatch is refunded', [session(), payment({ amount: 1 }), refund({ amount: 1 })], 'Refunded'],
  ])('when %s', (_, list, expected) => {
    expect(statusOf(list)).toBe(expected)
  })
})

describe('access', () => {
  test('is counted from the earliest paid snapshot, to the second', () => {
    const facts = factsFrom(...paid, payment({ observedAt: 90 }), payment({ observedAt: 150 }))
    expect(project(facts, quote)).toMatchObject({ entitled: true, paidAt: 90, expiresAt: 90 + 30 * 86_400 })
  })

  test('is permanent without a duration', () => {
    const permanent = { ...quote, accessDurationDays: null }
    expect(project(factsFrom(...paid), permanent)).toMatchObject({ entitled: true, paidAt: 100, expiresAt: null })
  })

  test('is granted if and only if the purchase is completed, for any facts', () => {
    const small: PurchaseTerms = { ...quote, amount: 2 }
    fc.assert(
      fc.property(fc.array(snapshots, { maxLength: 14 }), (list) => {
        const projection = project(factsFrom(...list), small)
        expect(projection.entitled && projection.paidAt !== null).toBe(projection.status === 'Completed')
        expect(projection.amountRefunded).toBeLessThanOrEqual(projection.amountPaid)
        const accepted = list.some((fact) => fact.kind === 'acceptance' && fact.id === projection.payment?.id)
        if (projection.status === 'Completed' && !accepted) expect(projection.payment?.amount).toBe(2)
      }),
      { numRuns: 3000 },
    )
  })

  test('is not granted once the active refunds add up to the amount paid', () => {
    fc.assert(
      fc.property(fc.array(snapshots, { maxLength: 14 }), (list) => {
        const facts = factsFrom(...list)
        const { payment: counted, status } = project(facts, { ...quote, amount: 2 })
        if (!counted) return
        const refunded = Object.values(facts)
          .filter((fact) => fact.kind === 'refund' && fact.paymentIntentId === counted.id && isActiveRefund(fact))
          .reduce((sum, fact) => sum + (fact.kind === 'refund' ? fact.amount : 0), 0)
        expect(status === 'Refunded').toBe(refunded >= counted.amount)
      }),
      { numRuns: 3000 },
    )
  })

  test('is granted for a different amount once an operator has accepted it', () => {
    const other = [session({}), payment({ amount: 300 })]
    expect(project(factsFrom(...other), quote)).toMatchObject({ status: 'Pending', mismatch: 'amount' })
    const acceptance = { kind: 'acceptance' as const, id: 'pi_1', by: 'root', observedAt: 500 }
    expect(project(factsFrom(acceptance, ...other), quote)).toMatchObject({
      status: 'Completed',
      mismatch: null,
      amountPaid: 300,
    })
  })

  test('a second payment of one purchase is a duplicate', () => {
    const second = [session({ id: 'cs_2', paymentIntentId: 'pi_2' }), payment({ id: 'pi_2', observedAt: 120 })]
    expect(project(factsFrom(...second, ...paid), quote).duplicates.map((duplicate) => duplicate.id)).toEqual(['pi_2'])
  })

  test('of two payments the one with the older checkout counts, even if the other was paid earlier', () => {
    const second = [session({ id: 'cs_2', paymentIntentId: 'pi_2', createdAt: 60 }), payment({ id: 'pi_2', observedAt: 120 })]
    const facts = factsFrom(...paid, ...second, payment({ id: 'pi_2', observedAt: 90 }))
    expect(project(facts, quote)).toMatchObject({ payment: { id: 'pi_1' }, duplicates: [{ id: 'pi_2' }] })
  })

  test.each<[string, Snapshot]>([
    ['refunded', refund({ amount: 1 })],
    ['charged back', dispute({ status: 'lost', amount: 1 })],
  ])('once a payment with a mismatch is %s the next one counts and can be accepted or refunded', (_, end) => {
    const mismatched = [
      session(),
      payment({ amount: 1 }),
      session({ id: 'cs_2', paymentIntentId: 'pi_2' }),
      payment({ id: 'pi_2', amount: 2 }),
    ]
    expect(project(factsFrom(...mismatched), quote)).toMatchObject({ status: 'Pending', payment: { id: 'pi_1' } })
    const facts = factsFrom(...mismatched, end)
    const next = project(facts, quote)
    expect(next).toMatchObject({
      status: 'Pending',
      payment: { id: 'pi_2' },
      mismatch: 'amount',
      amountPaid: 2,
      amountRefunded: 0,
    })
    expect(decideRefund(facts, next.payment, undefined)).toEqual({ paymentIntentId: 'pi_2', amount: 2 })
    const acceptance = { kind: 'acceptance' as const, id: 'pi_2', by: 'root', observedAt: 500 }
    expect(statusOf([acceptance, ...mismatched, end])).toBe('Completed')
  })

  test('all payments with a mismatch are reported while none matches the quote', () => {
    const second = [session({ id: 'cs_2', paymentIntentId: 'pi_2', userId: 'mallory', createdAt: 60 }), payment({ id: 'pi_2' })]
    const facts = factsFrom(session(), payment({ amount: 1 }), ...second)
    expect(project(facts, quote)).toMatchObject({
      mismatch: 'amount',
      duplicates: [],
      mismatchedPayments: [
        { payment: { id: 'pi_1' }, mismatch: 'amount' },
        { payment: { id: 'pi_2' }, mismatch: 'user' },
      ],
    })
    const third = [session({ id: 'cs_3', paymentIntentId: 'pi_3', createdAt: 70 }), payment({ id: 'pi_3' })]
    expect(project(mergeAll(facts, third), quote)).toMatchObject({
      payment: { id: 'pi_3' },
      mismatchedPayments: [],
      duplicates: [{ id: 'pi_1' }, { id: 'pi_2' }],
    })
  })
})

describe('across purchases', () => {
  const completed = project(factsFrom(...paid), quote)
  const context = { ownGrant: 'none', isExpired: false, isCoveredByOther: false } as const
  test.each([
    ['the first payment grants access', context, 'grant'],
    ['a payment for access that the user has is refunded', { ...context, isCoveredByOther: true }, 'refund_duplicate'],
    [
      'a restored payment that a later one covers alerts',
      { ...context, ownGrant: 'ended', isCoveredByOther: true },
      'alert_covered',
    ],
    ['a restored payment alone grants access again', { ...context, ownGrant: 'ended' }, 'grant'],
    [
      'a restored payment whose access has expired changes nothing',
      { ...context, ownGrant: 'ended', isExpired: true, isCoveredByOther: true },
      'keep',
    ],
  ] as const)('%s', (_, entitlements, expected) => {
    expect(decideAccess(completed, entitlements)).toBe(expected)
  })

  test('a refund revokes access', () => {
    expect(
      decideAccess(project(factsFrom(...paid, refund()), quote), {
        ownGrant: 'granted',
        isExpired: false,
        isCoveredByOther: false,
      }),
    ).toBe('revoke')
  })
})

describe('a refund request', () => {
  const decide = (list: Snapshot[], amount?: number) =>
    decideRefund(factsFrom(...list), project(factsFrom(...list), quote).payment, amount)
  test.each<[string, Snapshot[], number | undefined, object]>([
    ['before payment', [], undefined, { rejected: 'not_paid' }],
    ['in full', paid, undefined, { paymentIntentId: 'pi_1', amount: 499 }],
    ['of a part', paid, 100, { paymentIntentId: 'pi_1', amount: 100 }],
    ['of the rest', [...paid, refund({ amount: 100 })], undefined, { paymentIntentId: 'pi_1', amount: 399 }],
    ['of more than what is left', [...paid, refund({ amount: 100 })], 400, { rejected: 'amount_too_large' }],
    ['after a full refund', [...paid, refund()], undefined, { rejected: 'already_refunded' }],
    ['while disputed', [...paid, dispute()], undefined, { rejected: 'disputed' }],
    [
      'while disputed and still refundable',
      [...paid, dispute({ refundable: true })],
      undefined,
      { paymentIntentId: 'pi_1', amount: 499 },
    ],
    ['after a lost dispute', [...paid, dispute({ status: 'lost' })], undefined, { rejected: 'charged_back' }],
  ])('%s', (_, list, amount, expected) => {
    expect(decide(list, amount)).toEqual(expected)
  })
})
