import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AllowedDiscount,
  decideRefund,
  formatMoney,
  isFinal,
  mergeAll,
  noFacts,
  type PurchaseTerms,
  project,
  type SessionSnapshot,
  type Snapshot,
  type TaxBehavior,
  type Totals,
} from '../src/index.ts'
import { factsFrom, payment, quote, session } from './purchase-facts.ts'

const totals = (over: Partial<Totals> = {}): Totals => ({
  ...{ currency: 'usd', subtotal: 499, discount: 0, tax: 0, total: 499 },
  ...over,
})
const code: AllowedDiscount = { kind: 'code', promotionCodeId: 'promo_1', code: 'SUMMER' }
const withCode: PurchaseTerms = { ...quote, allowedDiscount: code }
const withTax = (taxBehavior: TaxBehavior): PurchaseTerms => ({ ...quote, taxBehavior })
const applied = { promotionCodeId: 'promo_1', code: null }

describe('a payment matches its quote by parts', () => {
  const paidWith = (parts: Partial<Totals>, over: Partial<SessionSnapshot> = {}, received = totals(parts).total): Snapshot[] => [
    session({ totals: totals(parts), ...over }),
    payment({ amount: received, currency: totals(parts).currency }),
  ]
  test.each<[string, PurchaseTerms, Snapshot[], object]>([
    ['the price', quote, paidWith({}), { status: 'Completed', amountSubtotal: 499, amountDiscount: 0, amountTax: 0 }],
    [
      'the chosen code',
      withCode,
      paidWith({ discount: 100, total: 399 }, { appliedDiscount: applied }),
      { status: 'Completed', amountPaid: 399, amountDiscount: 100, promotionCode: 'SUMMER' },
    ],
    [
      'a code that was typed in the form',
      { ...quote, allowedDiscount: { kind: 'any' } },
      paidWith({ discount: 100, total: 399 }, { appliedDiscount: { promotionCodeId: 'promo_2', code: 'TYPED' } }),
      { status: 'Completed', promotionCode: 'TYPED' },
    ],
    [
      'inclusive tax',
      withTax('inclusive'),
      paidWith({ tax: 80 }),
      { status: 'Completed', amountSubtotal: 499, amountTax: 80, amountPaid: 499 },
    ],
    [
      'exclusive tax',
      withTax('exclusive'),
      paidWith({ tax: 95, total: 594 }),
      { status: 'Completed', amountSubtotal: 499, amountTax: 95, amountPaid: 594 },
    ],
    ['no tax if none is due', withTax('exclusive'), paidWith({}), { status: 'Completed', amountTax: 0 }],
    ['a session of an earlier version', quote, [session(), payment()], { status: 'Completed', amountSubtotal: 499 }],
    ['another currency', quote, paidWith({ currency: 'eur' }), { status: 'Pending', mismatch: 'currency' }],
    ['another price', quote, paidWith({ subtotal: 500, total: 500 }), { status: 'Pending', mismatch: 'amount' }],
    ['a discount that was not allowed', quote, paidWith({ discount: 1, total: 498 }), { mismatch: 'discount' }],
    [
      'a code other than the chosen one',
      withCode,
      paidWith({ discount: 1, total: 498 }, { appliedDiscount: { promotionCodeId: 'promo_2', code: 'OTHER' } }),
      { mismatch: 'discount' },
    ],
    ['tax that was not agreed', quote, paidWith({ tax: 1, total: 500 }), { mismatch: 'tax' }],
    [
      'exclusive tax although inclusive tax was agreed',
      withTax('inclusive'),
      paidWith({ tax: 1, total: 500 }),
      { mismatch: 'total' },
    ],
    ['more inclusive tax than the price', withTax('inclusive'), paidWith({ tax: 500 }), { mismatch: 'tax' }],
    ['a total that does not add up', quote, paidWith({ total: 500 }), { mismatch: 'total' }],
    ['less than the total', quote, paidWith({}, {}, 498), { mismatch: 'total', amountPaid: 498 }],
  ])('%s', (_, terms, snapshots, expected) => {
    expect(project(factsFrom(...snapshots), terms)).toMatchObject(expected)
  })
})

describe('a free order', () => {
  const complete = session({
    ...{ paymentIntentId: null, hasPaymentIntent: false, appliedDiscount: applied },
    totals: totals({ discount: 499, total: 0 }),
  })
  const freeOrder = { kind: 'free_order' as const, id: 'cs_1', amount: 0 as const, currency: 'usd', observedAt: 100 }
  const takenBack = { kind: 'free_order_refund' as const, id: 'cs_1', requestId: 'r1', observedAt: 200 }
  const decide = (...snapshots: Snapshot[]) => {
    const facts = factsFrom(...snapshots)
    return decideRefund(facts, project(facts, withCode).settlement, undefined)
  }

  test('gives access without a payment, and needs no further event', () => {
    const projection = project(factsFrom(complete, freeOrder), withCode)
    expect(projection).toMatchObject({ status: 'Completed', entitled: true, payment: null, amountPaid: 0, amountDiscount: 499 })
    expect(isFinal(projection)).toBe(true)
  })

  test('is taken back once, without a refund in Stripe', () => {
    expect(decide(complete, freeOrder)).toEqual({ freeOrderId: 'cs_1', amount: 0 })
    expect(decide(complete, freeOrder, takenBack)).toEqual({ rejected: 'already_refunded' })
    expect(project(factsFrom(complete, freeOrder, takenBack), withCode)).toMatchObject({
      ...{ status: 'Refunded', entitled: false, refundedAt: 200, amountRefunded: 0 },
    })
  })

  test('waits for the operator if the discount was not allowed', () => {
    const pending = [complete, freeOrder]
    expect(project(factsFrom(...pending), quote)).toMatchObject({ status: 'Pending', mismatch: 'discount', entitled: false })
    const acceptance = { kind: 'acceptance' as const, id: 'cs_1', by: 'root', observedAt: 300 }
    expect(project(factsFrom(...pending, acceptance), quote)).toMatchObject({ status: 'Completed', entitled: true })
  })

  test('takes precedence over a later payment, which is a duplicate', () => {
    const later = [session({ id: 'cs_2', paymentIntentId: 'pi_2', createdAt: 60 }), payment({ id: 'pi_2' })]
    expect(project(factsFrom(complete, freeOrder, ...later), withCode)).toMatchObject({
      ...{ settlement: { id: 'cs_1' }, duplicates: [{ id: 'pi_2' }] },
    })
  })
})

test('a completed session with its code and invoice is not replaced by a newer snapshot without them', () => {
  const invoice = { id: 'in_1', number: 'A-1', url: 'https://invoice', pdfUrl: null }
  const retrieved = session({ totals: totals(), appliedDiscount: { promotionCodeId: 'promo_1', code: 'SUMMER' }, invoice })
  const event = session({
    ...{ totals: totals(), appliedDiscount: applied, observedAt: 500 },
    invoice: { ...invoice, number: null, url: null },
  })
  for (const order of [
    [retrieved, event],
    [event, retrieved],
  ])
    expect(factsFrom(...order)['session:cs_1']).toEqual(retrieved)
})

describe('for any price', () => {
  const currencies = fc.constantFrom('usd', 'jpy', 'kwd')
  const cases = fc
    .record({
      currency: currencies,
      subtotal: fc.integer({ min: 1, max: 99_999_999 }),
      discountShare: fc.integer({ min: 0, max: 100 }),
      taxShare: fc.integer({ min: 0, max: 40 }),
      taxBehavior: fc.constantFrom<TaxBehavior | null>('inclusive', 'exclusive', null),
      allowed: fc.constantFrom<AllowedDiscount>({ kind: 'none' }, code, { kind: 'any' }),
      order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
    })
    .map(({ subtotal, discountShare, taxShare, taxBehavior, allowed, ...rest }) => {
      const discount = allowed.kind === 'none' ? 0 : Math.round((subtotal * discountShare) / 100)
      const taxed = subtotal - discount
      const rate = taxBehavior === null ? 0 : taxShare
      const tax = taxBehavior === 'inclusive' ? Math.round((taxed * rate) / (100 + rate)) : Math.round((taxed * rate) / 100)
      const total = taxed + (taxBehavior === 'exclusive' ? tax : 0)
      const terms = { ...quote, amount: subtotal, currency: rest.currency, taxBehavior, allowedDiscount: allowed }
      return { ...rest, terms, parts: { currency: rest.currency, subtotal, discount, tax, total } }
    })
  const snapshotsOf = (parts: Totals): Snapshot[] => {
    const isFree = parts.total === 0
    const discount = parts.discount > 0 && { appliedDiscount: applied }
    const complete = { paymentIntentId: isFree ? null : 'pi_1', hasPaymentIntent: !isFree, totals: parts, ...discount }
    return [
      session({ status: 'open', paymentIntentId: null, observedAt: 60 }),
      session(complete),
      session({ ...complete, observedAt: 120 }),
      isFree
        ? { kind: 'free_order', id: 'cs_1', amount: 0, currency: parts.currency, observedAt: 100 }
        : payment({ amount: parts.total, currency: parts.currency }),
    ]
  }
  const projectIn = (order: number[], parts: Totals, terms: PurchaseTerms) => {
    const snapshots = snapshotsOf(parts)
    return project(
      mergeAll(
        noFacts,
        order.map((index) => snapshots[index]).filter((snapshot) => snapshot !== undefined),
      ),
      terms,
    )
  }

  test('discount, tax, tax behavior and currency add up, in any order of events', () => {
    fc.assert(
      fc.property(cases, ({ terms, parts, order }) => {
        const projection = projectIn(order, parts, terms)
        expect(projection).toMatchObject({ status: 'Completed', mismatch: null, amountPaid: parts.total })
        const { amountSubtotal, amountDiscount, amountTax, amountPaid } = projection
        expect(amountSubtotal - amountDiscount + (terms.taxBehavior === 'exclusive' ? amountTax : 0)).toBe(amountPaid)
        expect(formatMoney(amountPaid, parts.currency)).toMatch(/^[\d.]+ [A-Z]{3}$/)
      }),
      { numRuns: 2_000 },
    )
  })

  test('no part can be changed without a mismatch', () => {
    const changes = fc.tuple(
      fc.constantFrom<Exclude<keyof Totals, 'currency'>>('subtotal', 'discount', 'tax', 'total'),
      fc.integer({ min: 1, max: 1_000 }),
    )
    fc.assert(
      fc.property(cases, changes, ({ terms, parts, order }, [part, difference]) => {
        const changed = { ...parts, [part]: parts[part] + difference }
        const isAllowed =
          (part === 'tax' && terms.taxBehavior === 'inclusive' && changed.tax <= changed.subtotal - changed.discount) ||
          changed.total === 0
        const { mismatch, entitled } = projectIn(order, changed, terms)
        if (isAllowed) return
        expect([mismatch === null, entitled]).toEqual([false, false])
      }),
      { numRuns: 2_000 },
    )
  })
})
