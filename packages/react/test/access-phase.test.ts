import { expect, test } from 'vitest'
import { type Access, accessPhase, renewedUntil } from '../src/access-phase.ts'
import { timeUntil } from '../src/countdown.ts'

const noAccess: Access = {
  ...{ entityId: 'film', hasAccess: false, startsAt: null, expiresAt: null },
  ...{ source: null, purchaseId: null, rental: null, nextRental: null, playbackEndsWithdrawal: false },
}
const [start, end] = ['2026-12-01T20:00:00.000Z', '2026-12-31T20:00:00.000Z']
const limited: Access = { ...noAccess, hasAccess: true, startsAt: start, expiresAt: end, source: 'purchase' }
const rental = { watchWithinHours: 48, startedAt: null }
const middle = '2026-12-03T20:00:00.000Z'
const nextRental = { startsAt: middle, startBy: end, watchWithinHours: 24 }

test.each([
  ['none', noAccess, { phase: 'none' }],
  ['pre-sold', { ...limited, hasAccess: false }, { phase: 'upcoming', startsAt: start }],
  ['permanent', { ...limited, expiresAt: null }, { phase: 'permanent' }],
  ['a rental that has not been started', { ...limited, rental }, { phase: 'startable', startBy: end, watchWithinHours: 48 }],
  ['a started rental', { ...limited, rental: { ...rental, startedAt: start } }, { phase: 'limited', expiresAt: end, next: null }],
  ['a number of days', limited, { phase: 'limited', expiresAt: end, next: null }],
  [
    'a started rental that was renewed',
    { ...limited, rental: { ...rental, startedAt: start }, nextRental },
    { phase: 'limited', expiresAt: middle, next: { startBy: end, watchWithinHours: 24 } },
  ],
  [
    'a rental that was renewed before it was started',
    { ...limited, rental, nextRental },
    { phase: 'startable', startBy: middle, watchWithinHours: 48 },
  ],
] as const)('accessPhase: %s', (_name, access, phase) => {
  expect(accessPhase(access)).toEqual(phase)
})

test("renewedUntil adds a product's time to the end of the access", () => {
  const days = { accessDurationDays: 30, rental: null }
  expect(renewedUntil(limited, days)?.toISOString()).toBe('2027-01-30T20:00:00.000Z')
  expect(renewedUntil(limited, { accessDurationDays: null, rental: { startWithinDays: 7, watchWithinHours: 48 } })).toEqual(
    new Date('2027-01-07T20:00:00.000Z'),
  )
  expect(renewedUntil(limited, { accessDurationDays: null, rental: null })).toBeNull()
  expect(renewedUntil({ ...limited, expiresAt: null }, days)).toBeUndefined()
  expect(renewedUntil(noAccess, days)).toBeUndefined()
})

test('timeUntil rounds up to a whole second, and returns null when the time is reached', () => {
  const now = Date.parse(start)
  expect(timeUntil(end, now)).toMatchObject({ days: 30, hours: 0, minutes: 0, seconds: 0 })
  expect(timeUntil(new Date(now + 90_061_001), now)).toMatchObject({ days: 1, hours: 1, minutes: 1, seconds: 2 })
  expect(timeUntil(new Date(now + 1), now)).toMatchObject({ seconds: 1, totalMs: 1_000 })
  expect(timeUntil(start, now)).toBeNull()
  expect(timeUntil('not a time', now)).toBeNull()
})
