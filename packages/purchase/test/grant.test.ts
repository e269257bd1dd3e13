import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  accessAt,
  type GrantedPeriod,
  type GrantTimes,
  grantPeriod,
  grantToPlay,
  isCoveredBy,
  isOwned,
  renewalStart,
  rentalsAt,
  uninterruptedUntil,
} from '../src/index.ts'

const hour = 3_600_000
const at = (hours: number): Date => new Date(Date.UTC(2026, 0, 1) + hours * hour)

const noTimes: GrantTimes = {
  ...{ startsAt: at(0), releasedAt: null, accessDurationDays: null, rental: null, expiresAt: null },
  ...{ firstPlayedAt: null, extendedUntil: null, extendedAt: null },
}
const rental = { startWithinDays: 30, watchWithinHours: 48 }

describe('a grant', () => {
  test.each<[string, Partial<GrantTimes>, { startsAt: Date; expiresAt: Date | null }]>([
    ['without a length is permanent', {}, { startsAt: at(0), expiresAt: null }],
    ['lasts for its number of days', { accessDurationDays: 2 }, { startsAt: at(0), expiresAt: at(48) }],
    [
      'starts with the release if it was sold before the release',
      { accessDurationDays: 2, releasedAt: at(5) },
      { startsAt: at(5), expiresAt: at(53) },
    ],
    [
      'starts with the payment if the release was moved to a time before the payment',
      { accessDurationDays: 2, releasedAt: at(-5) },
      { startsAt: at(0), expiresAt: at(48) },
    ],
    ['has the expiry that an operator has set', { expiresAt: at(7) }, { startsAt: at(0), expiresAt: at(7) }],
    [
      'lasts until the end of its extension',
      { accessDurationDays: 2, extendedUntil: at(60), extendedAt: at(1) },
      { startsAt: at(0), expiresAt: at(60) },
    ],
    [
      'is not shortened by an extension that ends before the regular expiry',
      { accessDurationDays: 2, extendedUntil: at(9), extendedAt: at(1) },
      { startsAt: at(0), expiresAt: at(48) },
    ],
    ['of a rental can be started for a number of days', { rental }, { startsAt: at(0), expiresAt: at(720) }],
    [
      'of a rental that was started ends when its time to watch ends',
      { rental, firstPlayedAt: at(10) },
      { startsAt: at(0), expiresAt: at(58) },
    ],
    [
      'of a rental gives the full time to watch even if it is started in the last hour',
      { rental, firstPlayedAt: at(719) },
      { startsAt: at(0), expiresAt: at(767) },
    ],
    [
      'of a rental can be started later after an extension',
      { rental, extendedUntil: at(800), extendedAt: at(1) },
      { startsAt: at(0), expiresAt: at(800) },
    ],
    [
      'of a rental gives no more time to watch if it was extended before its start',
      { rental, firstPlayedAt: at(10), extendedUntil: at(800), extendedAt: at(1) },
      { startsAt: at(0), expiresAt: at(58) },
    ],
    [
      'of a rental gives more time to watch if it is extended after its start',
      { rental, firstPlayedAt: at(10), extendedUntil: at(100), extendedAt: at(20) },
      { startsAt: at(0), expiresAt: at(100) },
    ],
    [
      'of a rental can be started again if its event was moved to a later date after a playback',
      { rental, releasedAt: at(24), firstPlayedAt: at(10) },
      { startsAt: at(24), expiresAt: at(744) },
    ],
    [
      'of a rental that is played when its access starts is started',
      { rental, releasedAt: at(24), firstPlayedAt: at(24) },
      { startsAt: at(24), expiresAt: at(72) },
    ],
  ])('%s', (_, times, expected) => {
    expect(grantPeriod({ ...noTimes, ...times })).toEqual(expected)
  })
})

const period = (from: number, until: number | null, changes: Partial<GrantedPeriod> = {}): GrantedPeriod => ({
  ...{ grantId: `grant ${from}-${until}`, source: 'purchase', purchaseId: 'ptv_1', watchWithinHours: null, firstPlayedAt: null },
  ...{ startsAt: at(from), expiresAt: until === null ? null : at(until) },
  ...changes,
})

const aPeriod = fc
  .tuple(fc.integer({ min: 0, max: 20 }), fc.option(fc.integer({ min: 0, max: 10 }), { nil: null, freq: 5 }))
  .map(([from, length]) => period(from, length === null ? null : from + length))

const includes = ({ startsAt, expiresAt }: Pick<GrantedPeriod, 'startsAt' | 'expiresAt'>, time: Date): boolean =>
  startsAt <= time && (expiresAt === null || expiresAt > time)

describe('access', () => {
  test('is the union of all grants at every hour, regardless of the order in which they are read', () => {
    fc.assert(
      fc.property(fc.array(aPeriod, { maxLength: 6 }), fc.integer({ min: 0, max: 31 }), (periods, hours) => {
        const hasAccess = (time: Date) => periods.some((one) => includes(one, time))
        const access = accessAt(periods, at(hours))
        expect(access?.hasAccess ?? false).toBe(hasAccess(at(hours)))
        const reordered = accessAt([...periods].reverse(), at(hours))
        expect([reordered?.hasAccess, reordered?.startsAt, reordered?.expiresAt]).toEqual([
          access?.hasAccess,
          access?.startsAt,
          access?.expiresAt,
        ])
        if (access === null) {
          for (let later = hours; later < 40; later++) expect(hasAccess(at(later))).toBe(false)
          return
        }
        // Access is uninterrupted from its start, or from now if it has already started, until exactly its expiry.
        const from = access.hasAccess ? hours : (access.startsAt.getTime() - at(0).getTime()) / hour
        const until = access.expiresAt === null ? 40 : (access.expiresAt.getTime() - at(0).getTime()) / hour
        for (let later = from; later < until; later++) expect(hasAccess(at(later))).toBe(true)
        if (access.expiresAt !== null) expect(hasAccess(access.expiresAt)).toBe(false)
        for (let earlier = hours; earlier < from; earlier++) expect(hasAccess(at(earlier))).toBe(false)
        expect(includes(access.grant, at(from))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('ending a grant affects only access that no other grant gives', () => {
    fc.assert(
      fc.property(fc.array(aPeriod, { minLength: 1, maxLength: 6 }), fc.integer({ min: 0, max: 31 }), (periods, hours) => {
        const [, ...others] = periods
        const isGivenByOthers = others.some((one) => includes(one, at(hours)))
        expect(accessAt(others, at(hours))?.hasAccess ?? false).toBe(isGivenByOthers)
      }),
    )
  })

  test('that starts later says when it starts, and blocks another purchase only if it was bought', () => {
    const bought = period(5, 10)
    const given = period(2, 3, { source: 'complimentary', purchaseId: null })
    expect(accessAt([bought], at(0))).toMatchObject({ hasAccess: false, startsAt: at(5), expiresAt: at(10) })
    expect(isOwned([bought], at(0), false)).toBe(true)
    expect(isOwned([given], at(0), false)).toBe(false)
    expect(isOwned([given, bought], at(0), false)).toBe(true)
    // The season's access expires before its last episode is released.
    expect(isOwned([period(5, 4)], at(0), false)).toBe(false)
  })

  test('can be renewed unless it is permanent', () => {
    expect(isOwned([period(0, 10)], at(1), true)).toBe(false)
    expect(isOwned([period(0, null)], at(1), true)).toBe(true)
    expect(isOwned([period(0, 10), period(10, null)], at(1), true)).toBe(true)
    expect(isOwned([], at(1), true)).toBe(false)
  })
})

describe('a renewal', () => {
  const month = { accessDurationDays: 30, rental: null }
  test.each([
    ['starts when the access ends', [period(0, 10)], month, at(10)],
    ['starts after all access that follows without a gap', [period(0, 10), period(10, 20), period(30, 40)], month, at(20)],
    ['starts with its payment if the access has ended', [period(-9, 0)], month, at(1)],
    ['starts with its payment if it gives permanent access', [period(0, 10)], { accessDurationDays: null, rental: null }, at(1)],
    ['starts after the access if it is a rental', [period(0, 10)], { accessDurationDays: null, rental }, at(10)],
  ] as const)('%s', (_, others, terms, expected) => {
    expect(renewalStart(others, { at: at(1), availableFrom: null }, terms)).toEqual(expected)
  })

  test.each([
    ['starts after the access that starts with the release', [period(5, 10)], at(10)],
    [
      'starts after the access that starts with the release, even if the current access ends earlier',
      [period(0, 2), period(5, 10)],
      at(10),
    ],
    ['starts with its payment, and so with the release, if there is no other access', [], at(1)],
    ['starts when the current access ends if no access starts with the release', [period(0, 2)], at(2)],
    ['starts with its payment if the access that starts with the release is permanent', [period(5, null)], at(1)],
  ] as const)('before the release: %s', (_, others, expected) => {
    expect(renewalStart(others, { at: at(1), availableFrom: at(5) }, month)).toEqual(expected)
  })

  test('never overlaps the access that it continues, and leaves no gap', () => {
    fc.assert(
      fc.property(fc.array(aPeriod, { maxLength: 5 }), fc.integer({ min: 0, max: 30 }), (others, hours) => {
        const start = renewalStart(others, { at: at(hours), availableFrom: null }, month)
        const end = uninterruptedUntil(others, at(hours))
        expect(start).toEqual(end ?? at(hours))
        if (end !== null) expect(others.some((one) => includes(one, start))).toBe(false)
      }),
    )
  })
})

describe('a payment is a duplicate', () => {
  test.each([
    ['if another purchase lasts as long', [period(0, 10)], 1, 10, true],
    ['if another purchase lasts longer', [period(0, null)], 1, 10, true],
    ['if other purchases together last as long', [period(0, 5), period(5, 10)], 1, 10, true],
    ['not if it lasts longer', [period(0, 10)], 1, 11, false],
    ['not if it is permanent', [period(0, 10)], 1, null, false],
    ['if both are permanent', [period(0, null)], 1, null, true],
    ['not if the other purchase has a gap', [period(0, 5), period(6, 10)], 1, 10, false],
    ['not if the other purchase starts later', [period(2, null)], 1, 10, false],
    ['not without another purchase', [], 1, 10, false],
  ] as const)('%s', (_, purchases, from, until, expected) => {
    expect(isCoveredBy(purchases, { from: at(from), until: until === null ? null : at(until) })).toBe(expected)
  })
})

describe('playing', () => {
  const asRental = { watchWithinHours: 48 }
  test.each([
    ['uses any other access before a rental, whose clock would start', [period(0, 5, asRental), period(0, 20)], 'grant 0-20'],
    ['uses the rental that ends first', [period(0, 20, asRental), period(0, 10, asRental)], 'grant 0-10'],
    ['uses no access that has not started', [period(2, 5), period(0, 20, asRental)], 'grant 0-20'],
    ['is impossible without access', [period(2, 5)], undefined],
  ] as const)('%s', (_, periods, expected) => {
    expect(grantToPlay(periods, at(1))?.grantId).toBe(expected)
  })
})

describe('of several rentals', () => {
  const unstarted = { watchWithinHours: 48 }
  const started = { watchWithinHours: 48, firstPlayedAt: at(0) }
  const next = { startsAt: at(10), startBy: at(20), watchWithinHours: 48 }
  test.each([
    ['a renewal follows a started rental', [period(0, 10, started), period(10, 20, unstarted)], 'grant 0-10', next],
    [
      'a renewal follows a rental that must be started',
      [period(0, 10, unstarted), period(10, 20, unstarted)],
      'grant 0-10',
      next,
    ],
    ['a rental follows other access', [period(0, 10), period(0, 20, unstarted)], undefined, next],
    ['none follows a rental that was not renewed', [period(0, 10, started)], 'grant 0-10', null],
    ['none follows permanent access', [period(0, null), period(0, 20, unstarted)], undefined, null],
    ['none follows after a gap', [period(0, 10, started), period(11, 20, unstarted)], 'grant 0-10', null],
    ['none is current while the user has no access', [period(2, 20, unstarted)], undefined, null],
  ] as const)('%s', (_, periods, current, expected) => {
    const rentals = rentalsAt(periods, at(1))
    expect(rentals.current?.grantId).toBe(current)
    expect(rentals.next).toEqual(expected)
  })
})
