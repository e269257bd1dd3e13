import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  mergeAll,
  noFacts,
  project,
  type SalesLine,
  type SalesTransaction,
  type Snapshot,
  salesDifference,
  salesLines,
} from '../src/index.ts'
import { dispute, paid, payment, quote, refund, session } from './purchase-facts.ts'
import { snapshots } from './snapshots.ts'

const linesOf = (list: readonly Snapshot[], transactions: readonly SalesTransaction[] = []): SalesLine[] => {
  const facts = mergeAll(noFacts, list)
  return salesLines(facts, quote, project(facts, quote), transactions)
}

const charge: SalesTransaction = {
  ...{ id: 'txn_1', sourceId: 'ch_1', paymentIntentId: 'pi_1', currency: 'usd' },
  ...{ amount: 499, fee: 44, net: 455, createdAt: 100 },
}

/** Records the lines after each step, as packages/db does in each database transaction. */
const recordStepwise = (steps: readonly (Snapshot | SalesTransaction)[]): SalesLine[] => {
  const known: Snapshot[] = []
  const transactions: SalesTransaction[] = []
  const recorded: SalesLine[] = []
  for (const step of steps) {
    if ('kind' in step) known.push(step)
    else transactions.push(step)
    recorded.push(...salesDifference(recorded, linesOf(known, transactions)))
  }
  return recorded
}

const sumOf = (lines: readonly SalesLine[], kind: SalesLine['kind'], name: 'amount' | 'count' | 'fee' | 'net'): number =>
  lines.filter((line) => line.kind === kind).reduce((sum, line) => sum + line[name], 0)

const transactions: fc.Arbitrary<SalesTransaction> = fc.record({
  id: fc.constantFrom('txn_1', 'txn_2', 'txn_3'),
  sourceId: fc.constantFrom('ch_1', 're_1'),
  paymentIntentId: fc.constantFrom('pi_1', 'pi_2'),
  currency: fc.constant('usd'),
  amount: fc.integer({ min: -5, max: 5 }),
  fee: fc.constant(1),
  net: fc.integer({ min: -5, max: 5 }),
  createdAt: fc.integer({ min: 0, max: 3 }),
})

test('facts and balance transactions lead to the same sums in any order, even if repeated', () => {
  const steps = fc.tuple(
    fc.array(snapshots, { maxLength: 10 }),
    fc.uniqueArray(transactions, { selector: ({ id }) => id, maxLength: 3 }),
  )
  fc.assert(
    fc.property(
      steps.chain(([list, balance]) => {
        const all = [...list, ...list, ...balance]
        return fc.tuple(fc.constant(list), fc.constant(balance), fc.shuffledSubarray(all, { minLength: all.length }))
      }),
      ([list, balance, shuffled]) => {
        expect(salesDifference(recordStepwise(shuffled), linesOf(list, balance))).toEqual([])
      },
    ),
    { numRuns: 500 },
  )
})

test('recomputing the recorded entries adds nothing', () => {
  const steps = [...paid, charge, refund({ amount: 100 }), dispute({ createdAt: 250, amount: 399 })]
  expect(
    salesDifference(
      recordStepwise(steps),
      linesOf([...paid, refund({ amount: 100 }), dispute({ createdAt: 250, amount: 399 })], [charge]),
    ),
  ).toEqual([])
})

test("a payment is a line with the parts of its price; its fee is a line in the account's currency", () => {
  const totals = { currency: 'usd', subtotal: 499, discount: 100, tax: 60, total: 399 }
  const lines = linesOf(
    [
      session({ totals, country: 'DE', appliedDiscount: { promotionCodeId: 'promo_1', code: 'SUMMER' } }),
      payment({ amount: 399 }),
    ],
    [{ ...charge, currency: 'eur', amount: 360, fee: 40, net: 320 }],
  )
  expect(lines).toMatchObject([
    { kind: 'purchase', subjectId: 'pi_1', at: 100, currency: 'usd', promotionCode: 'SUMMER', country: 'DE', amount: 399 },
    { kind: 'fee', subjectId: 'txn_1', at: 100, currency: 'eur', promotionCode: 'SUMMER', country: 'DE', fee: 40, net: 320 },
  ])
  expect(lines[0]).toMatchObject({ subtotal: 499, discount: 100, tax: 60 })
})

test('a free order counts as a purchase whose discount is its subtotal', () => {
  const totals = { currency: 'usd', subtotal: 499, discount: 499, tax: 0, total: 0 }
  const lines = salesLines(
    mergeAll(noFacts, [
      session({ totals, paymentIntentId: null, hasPaymentIntent: false }),
      { kind: 'free_order', id: 'cs_1', amount: 0, currency: 'usd', observedAt: 100 },
    ]),
    quote,
    { settlement: { kind: 'free_order', id: 'cs_1', amount: 0, currency: 'usd', observedAt: 100 }, mismatch: null },
    [],
  )
  expect(lines).toMatchObject([{ kind: 'purchase', count: 1, subtotal: 499, discount: 499, amount: 0 }])
})

test('a refund that fails later is reversed', () => {
  const before = linesOf([...paid, refund()])
  expect(sumOf(before, 'refund', 'amount')).toBe(499)
  const recorded = recordStepwise([...paid, refund(), refund({ status: 'failed', observedAt: 900 })])
  expect([sumOf(recorded, 'refund', 'amount'), sumOf(recorded, 'refund', 'count')]).toEqual([0, 0])
  expect(recorded.filter(({ kind }) => kind === 'refund').map(({ at, amount }) => [at, amount])).toEqual([
    [200, 499],
    [200, -499],
  ])
})

test('a dispute that was won takes no money, and its fees count on the day on which it was opened', () => {
  const opened = dispute({ createdAt: 300 })
  expect(sumOf(linesOf([...paid, opened]), 'dispute', 'amount')).toBe(499)
  const won = dispute({ createdAt: 300, status: 'won', withdrawn: false, observedAt: 900 })
  const withdrawal = { ...charge, id: 'txn_2', sourceId: 'dp_1', amount: -499, fee: 1500, net: -1999, createdAt: 300 }
  const reversal = { ...withdrawal, id: 'txn_3', amount: 499, fee: -1500, net: 1999, createdAt: 900 }
  const lines = linesOf([...paid, opened, won], [withdrawal, reversal])
  expect(sumOf(lines, 'dispute', 'amount')).toBe(0)
  expect(sumOf(lines, 'fee', 'fee')).toBe(0)
  expect(lines.filter(({ kind }) => kind === 'fee').map(({ at }) => at)).toEqual([300, 300])
})

test('a duplicate payment counts as received and refunded money, but not as a second purchase', () => {
  const second = [session({ id: 'cs_2', paymentIntentId: 'pi_2', createdAt: 60 }), payment({ id: 'pi_2' })]
  const lines = linesOf([...paid, ...second, refund({ paymentIntentId: 'pi_2' })])
  expect([sumOf(lines, 'purchase', 'amount'), sumOf(lines, 'purchase', 'count'), sumOf(lines, 'refund', 'amount')]).toEqual([
    998, 1, 499,
  ])
})

test('a refund and a balance transaction of an unknown payment count when the payment becomes known', () => {
  expect(linesOf([refund()], [charge])).toEqual([])
  expect(
    recordStepwise([refund(), charge, ...paid])
      .map(({ kind }) => kind)
      .sort(),
  ).toEqual(['fee', 'purchase', 'refund'])
})

test('a payment that does not match its quote counts as a purchase when it is accepted', () => {
  const mismatched = [session(), payment({ amount: 400 })]
  expect(sumOf(linesOf(mismatched), 'purchase', 'count')).toBe(0)
  expect(sumOf(linesOf(mismatched), 'purchase', 'amount')).toBe(400)
  expect(
    sumOf(linesOf([...mismatched, { kind: 'acceptance', id: 'pi_1', by: 'ada', observedAt: 500 }]), 'purchase', 'count'),
  ).toBe(1)
})
