import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type DisputeSnapshot,
  decideAccess,
  decideRefund,
  grant,
  isActiveRefund,
  mergeAll,
  noFacts,
  type PaymentSnapshot,
  type PurchaseTerms,
  project,
  type RefundSnapshot,
  type SessionSnapshot,
  type Snapshot,
  status,
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
const after = (...told: Snapshot[]) => mergeAll(noFacts, told)
const paid = [session(), payment()]

describe('the status', () => {
  test.each<[string, Snapshot[], string]>([
    ['nothing is told', [], 'Pending'],
    ['the checkout is open', [session({ status: 'open', paymentIntentId: null })], 'Pending'],
    ['the checkout ended unpaid', [session({ status: 'expired', paymentIntentId: null })], 'Expired'],
    ['Stripe refused to make a checkout', [{ kind: 'refusal', id: 'ptv_1', code: 'x', observedAt: 1 }], 'Expired'],
    ['a delayed payment is under way', [session(), payment({ status: 'processing' })], 'Pending'],
    ['a delayed payment failed', [session(), payment({ status: 'failed' })], 'Failed'],
    ['the checkout is complete and names no payment: Stripe has to be asked', [session({ paymentIntentId: null })], 'Pending'],
    ['it is paid', paid, 'Completed'],
    [
      'it is paid and the checkout is later told to be open',
      [...paid, session({ status: 'open', observedAt: 999 })],
      'Completed',
    ],
    ['it is partly refunded', [...paid, refund({ amount: 100 })], 'Completed'],
    ['several partial refunds add up', [...paid, refund({ amount: 300 }), refund({ id: 're_2', amount: 199 })], 'Refunded'],
    ['a full refund is pending', [...paid, refund({ status: 'pending' })], 'Refunded'],
    ['a refund failed after it had succeeded', [...paid, refund(), refund({ status: 'failed', observedAt: 201 })], 'Completed'],
    ['the refund is told before the payment', [refund(), ...paid], 'Refunded'],
    ['it is disputed', [...paid, dispute()], 'Disputed'],
    ['there is a warning', [...paid, dispute({ status: 'warning_needs_response' })], 'Completed'],
    ['the dispute is won', [...paid, dispute(), dispute({ status: 'won', observedAt: 301 })], 'Completed'],
    ['the dispute is lost', [...paid, dispute(), dispute({ status: 'lost', observedAt: 301 })], 'ChargedBack'],
    [
      'the lost dispute is appealed',
      [...paid, dispute({ status: 'lost' }), dispute({ status: 'appeal_under_review', observedAt: 301 })],
      'Disputed',
    ],
    ['the appeal is won', [...paid, dispute({ status: 'lost' }), dispute({ status: 'won', observedAt: 302 })], 'Completed'],
    ['a dispute is prevented with money withdrawn', [...paid, dispute({ status: 'prevented' })], 'ChargedBack'],
    ['a dispute is prevented without', [...paid, dispute({ status: 'prevented', withdrawn: false })], 'Completed'],
    ['another amount is paid', [session(), payment({ amount: 1 })], 'Pending'],
    ['another currency is paid', [session(), payment({ currency: 'eur' })], 'Pending'],
    ['somebody else is named', [session({ userId: 'mallory' }), payment()], 'Pending'],
    ['another film is named', [session({ entityId: 'vid_2' }), payment()], 'Pending'],
    ['nothing was to be paid in it, for a coupon', [session({ paymentIntentId: null, hasPaymentIntent: false })], 'Expired'],
    ['it is completed, and not said by which payment', [session({ paymentIntentId: null })], 'Pending'],
    [
      'Stripe does not know it any more',
      [session({ status: 'open' }), session({ status: 'gone', paymentIntentId: null })],
      'Expired',
    ],
    ['it was paid, and Stripe does not know it any more', [...paid, session({ status: 'gone', observedAt: 900 })], 'Completed'],
    ['another one, made by hand, ends', [session({ id: 'cs_2', status: 'expired', paymentIntentId: null })], 'Pending'],
    [
      'both end',
      [session({ id: 'cs_2', status: 'expired', paymentIntentId: null }), session({ status: 'expired', paymentIntentId: null })],
      'Expired',
    ],
    [
      'it ends, and another one is paid by a debit that takes days',
      [
        session({ status: 'expired', paymentIntentId: null }),
        session({ id: 'cs_2', paymentIntentId: 'pi_2' }),
        payment({ id: 'pi_2', status: 'processing' }),
      ],
      'Pending',
    ],
    ['the wrong payment is refunded', [session(), payment({ amount: 1 }), refund({ amount: 1 })], 'Refunded'],
  ])('when %s', (_, told, expected) => {
    expect(status(after(...told), quote)).toBe(expected)
  })
})

describe('access', () => {
  test('is counted from the earliest sighting of the payment, to the second', () => {
    const facts = after(...paid, payment({ observedAt: 90 }), payment({ observedAt: 150 }))
    expect(grant(facts, quote)).toEqual({ paidAt: 90, expiresAt: 90 + 30 * 86_400 })
  })

  test('has no end when the product gives none', () => {
    expect(grant(after(...paid), { ...quote, accessDurationDays: null })).toEqual({ paidAt: 100, expiresAt: null })
  })

  test('is given if and only if the purchase is completed, whatever Stripe tells', () => {
    const small: PurchaseTerms = { ...quote, amount: 2 }
    fc.assert(
      fc.property(fc.array(snapshots, { maxLength: 14 }), (told) => {
        const projection = project(after(...told), small)
        expect(grant(after(...told), small) !== null).toBe(projection.status === 'Completed')
        expect(projection.amountRefunded).toBeLessThanOrEqual(projection.amountPaid)
        const accepted = told.some((fact) => fact.kind === 'acceptance' && fact.id === projection.payment?.id)
        if (projection.status === 'Completed' && !accepted) expect(projection.payment?.amount).toBe(2)
      }),
      { numRuns: 3000 },
    )
  })

  test('is not given to somebody whose refunds that stand add up to what was paid', () => {
    fc.assert(
      fc.property(fc.array(snapshots, { maxLength: 14 }), (told) => {
        const facts = after(...told)
        const { payment: kept, status: decided } = project(facts, { ...quote, amount: 2 })
        if (!kept) return
        const back = Object.values(facts)
          .filter((fact) => fact.kind === 'refund' && fact.paymentIntentId === kept.id && isActiveRefund(fact))
          .reduce((sum, fact) => sum + (fact.kind === 'refund' ? fact.amount : 0), 0)
        expect(decided === 'Refunded').toBe(back >= kept.amount)
      }),
      { numRuns: 3000 },
    )
  })

  test('is given for another amount once an operator has accepted it', () => {
    const other = [session({}), payment({ amount: 300 })]
    expect(project(after(...other), quote)).toMatchObject({ status: 'Pending', mismatch: 'amount' })
    const acceptance = { kind: 'acceptance' as const, id: 'pi_1', by: 'root', observedAt: 500 }
    expect(project(after(acceptance, ...other), quote)).toMatchObject({ status: 'Completed', mismatch: null, amountPaid: 300 })
  })

  test('a second payment of one purchase is to be given back', () => {
    const second = [session({ id: 'cs_2', paymentIntentId: 'pi_2' }), payment({ id: 'pi_2', observedAt: 120 })]
    expect(project(after(...second, ...paid), quote).duplicates.map((duplicate) => duplicate.id)).toEqual(['pi_2'])
  })

  test('of two payments the one with the older checkout counts, however early the other is later told to have been paid', () => {
    const second = [session({ id: 'cs_2', paymentIntentId: 'pi_2', createdAt: 60 }), payment({ id: 'pi_2', observedAt: 120 })]
    const facts = after(...paid, ...second, payment({ id: 'pi_2', observedAt: 90 }))
    expect(project(facts, quote)).toMatchObject({ payment: { id: 'pi_1' }, duplicates: [{ id: 'pi_2' }] })
  })

  test.each<[string, Snapshot]>([
    ['given back', refund({ amount: 1 })],
    ['lost to the bank', dispute({ status: 'lost', amount: 1 })],
  ])('once a wrong payment is %s the next wrong one is looked at, and can be taken or given back', (_, end) => {
    const wrong = [
      session(),
      payment({ amount: 1 }),
      session({ id: 'cs_2', paymentIntentId: 'pi_2' }),
      payment({ id: 'pi_2', amount: 2 }),
    ]
    expect(project(after(...wrong), quote)).toMatchObject({ status: 'Pending', payment: { id: 'pi_1' } })
    const facts = after(...wrong, end)
    const next = project(facts, quote)
    expect(next).toMatchObject({
      status: 'Pending',
      payment: { id: 'pi_2' },
      mismatch: 'amount',
      amountPaid: 2,
      amountRefunded: 0,
    })
    expect(decideRefund(facts, next.payment, undefined)).toEqual({ payment: 'pi_2', amount: 2 })
    const acceptance = { kind: 'acceptance' as const, id: 'pi_2', by: 'root', observedAt: 500 }
    expect(status(after(acceptance, ...wrong, end), quote)).toBe('Completed')
  })

  test('every payment that is not as quoted is told while none is', () => {
    const second = [session({ id: 'cs_2', paymentIntentId: 'pi_2', userId: 'mallory', createdAt: 60 }), payment({ id: 'pi_2' })]
    const strange = after(session(), payment({ amount: 1 }), ...second)
    expect(project(strange, quote)).toMatchObject({
      mismatch: 'amount',
      duplicates: [],
      unexpected: [
        { payment: { id: 'pi_1' }, mismatch: 'amount' },
        { payment: { id: 'pi_2' }, mismatch: 'user' },
      ],
    })
    const third = [session({ id: 'cs_3', paymentIntentId: 'pi_3', createdAt: 70 }), payment({ id: 'pi_3' })]
    expect(project(mergeAll(strange, third), quote)).toMatchObject({
      payment: { id: 'pi_3' },
      unexpected: [],
      duplicates: [{ id: 'pi_1' }, { id: 'pi_2' }],
    })
  })
})

describe('across purchases', () => {
  const completed = project(after(...paid), quote)
  test.each([
    ['the first payment is granted', { own: 'none', lapsed: false, coveredByOther: false }, 'grant'],
    ['a second payment for what is owned is refunded', { own: 'none', lapsed: false, coveredByOther: true }, 'refund_duplicate'],
    ['one restored beside a newer one alerts', { own: 'ended', lapsed: false, coveredByOther: true }, 'alert_covered'],
    ['one restored alone is granted again', { own: 'ended', lapsed: false, coveredByOther: false }, 'grant'],
    ['one whose time is over stays ended', { own: 'ended', lapsed: true, coveredByOther: true }, 'keep'],
  ] as const)('%s', (_, holdings, expected) => {
    expect(decideAccess(completed, holdings)).toBe(expected)
  })

  test('a refund takes access away', () => {
    expect(decideAccess(project(after(...paid, refund()), quote), { own: 'live', lapsed: false, coveredByOther: false })).toBe(
      'revoke',
    )
  })
})

describe('asking for a refund', () => {
  const decide = (told: Snapshot[], amount?: number) =>
    decideRefund(after(...told), project(after(...told), quote).payment, amount)
  test.each<[string, Snapshot[], number | undefined, object]>([
    ['before payment', [], undefined, { refuse: 'not_paid' }],
    ['in full', paid, undefined, { payment: 'pi_1', amount: 499 }],
    ['in part', paid, 100, { payment: 'pi_1', amount: 100 }],
    ['of the rest', [...paid, refund({ amount: 100 })], undefined, { payment: 'pi_1', amount: 399 }],
    ['of more than is left', [...paid, refund({ amount: 100 })], 400, { refuse: 'amount_too_large' }],
    ['twice', [...paid, refund()], undefined, { refuse: 'already_refunded' }],
    ['while disputed', [...paid, dispute()], undefined, { refuse: 'disputed' }],
    [
      'while disputed and still refundable',
      [...paid, dispute({ refundable: true })],
      undefined,
      { payment: 'pi_1', amount: 499 },
    ],
    ['after a lost dispute', [...paid, dispute({ status: 'lost' })], undefined, { refuse: 'charged_back' }],
  ])('%s', (_, told, amount, expected) => {
    expect(decide(told, amount)).toEqual(expected)
  })
})
