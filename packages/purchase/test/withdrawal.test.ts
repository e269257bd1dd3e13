import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decideWithdrawal,
  playbackEndsWithdrawal,
  project,
  type Snapshot,
  type WithdrawalFacts,
  withdrawalEnd,
} from '../src/index.ts'
import { dispute, factsFrom, paid, quote, refund } from './purchase-facts.ts'

const hour = 3_600_000
const day = 24 * hour
const paidAt = new Date('2026-01-10T12:00:00Z')
const after = (ms: number) => new Date(paidAt.getTime() + ms)

const purchase = (snapshots: readonly Snapshot[], over: Partial<WithdrawalFacts> = {}): WithdrawalFacts => {
  const facts = factsFrom(...snapshots)
  const { settlement } = project(facts, quote)
  return { isOffered: true, withdrawnAt: null, facts, settlement, paidAt, hasConsent: true, firstPlayedAt: null, ...over }
}
const played = { firstPlayedAt: after(hour) }

test.each<[string, WithdrawalFacts, number, object]>([
  ['with consent, unplayed, on the last day', purchase(paid), 14 * day, { possible: true }],
  ['with consent, unplayed, a moment later', purchase(paid), 14 * day + 1, { possible: false, reason: 'too_late' }],
  ['with consent, played', purchase(paid, played), 2 * hour, { possible: false, reason: 'played' }],
  ['without consent, played', purchase(paid, { ...played, hasConsent: false }), 300 * day, { possible: true }],
  ['without consent, on the last day', purchase(paid, { hasConsent: false }), 379 * day, { possible: true }],
  ['without consent, later', purchase(paid, { hasConsent: false }), 379 * day + 1, { possible: false, reason: 'too_late' }],
  ['partly refunded', purchase([...paid, refund({ amount: 100 })]), day, { refund: { paymentIntentId: 'pi_1', amount: 399 } }],
  ['fully refunded', purchase([...paid, refund()]), day, { possible: false, reason: 'already_refunded' }],
  ['unpaid', purchase([], { paidAt: null }), day, { possible: false, reason: 'not_paid', until: null }],
  ['disputed', purchase([...paid, dispute()]), day, { possible: false, reason: 'disputed' }],
  ['charged back', purchase([...paid, dispute({ status: 'lost' })]), day, { possible: false, reason: 'disputed' }],
  ['withdrawn before', purchase(paid, { withdrawnAt: after(hour) }), day, { possible: false, reason: 'withdrawn' }],
  ['where it is not offered', purchase(paid, { isOffered: false }), day, { possible: false, reason: 'not_offered', until: null }],
])('%s', (_, facts, ms, expected) => {
  expect(decideWithdrawal(facts, after(ms))).toMatchObject(expected)
})

test('a playback ends the right of withdrawal if and only if the buyer may withdraw before the playback but not after it', () => {
  const moment = fc.integer({ min: 0, max: 500 * day })
  fc.assert(
    fc.property(moment, fc.boolean(), fc.boolean(), fc.option(moment), (ms, isOffered, hasConsent, playedAfter) => {
      const firstPlayedAt = playedAfter === null ? null : after(playedAfter)
      const facts = purchase(paid, { isOffered, hasConsent, firstPlayedAt })
      const isPossible = (over: Partial<WithdrawalFacts>) => decideWithdrawal({ ...facts, ...over }, after(ms)).possible
      const ends = isPossible({}) && !isPossible({ firstPlayedAt: firstPlayedAt ?? after(ms) })
      expect(playbackEndsWithdrawal(facts, after(ms))).toBe(ends)
    }),
  )
  expect(playbackEndsWithdrawal(purchase([], { paidAt: null }), after(day))).toBe(false)
})

test('12 months after a leap day end on the last day of February', () => {
  expect(withdrawalEnd(new Date('2028-02-29T23:00:00Z'), false)).toEqual(new Date('2029-03-14T23:00:00Z'))
})

test('neither waiting, nor consent, nor a playback ever makes a withdrawal possible', () => {
  const moment = fc.integer({ min: 0, max: 500 * day })
  fc.assert(
    fc.property(moment, moment, fc.boolean(), fc.option(moment), (first, wait, hasConsent, playedAfter) => {
      const firstPlayedAt = playedAfter === null ? null : after(playedAfter)
      const isPossible = (over: Partial<WithdrawalFacts>, ms: number) =>
        decideWithdrawal(purchase(paid, { hasConsent, firstPlayedAt, ...over }), after(ms)).possible
      if (isPossible({}, first + wait)) expect(isPossible({}, first)).toBe(true)
      if (isPossible({ hasConsent: true }, first)) expect(isPossible({ hasConsent: false }, first)).toBe(true)
      if (isPossible({}, first)) expect(isPossible({ firstPlayedAt: null }, first)).toBe(true)
    }),
  )
})
