import { type GrantTimes, grantPeriod } from '@pay-to-view/purchase'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { preparedQuery } from '../src/client.ts'
import { useDatabase } from './test-purchase.ts'

const database = useDatabase()

const day = 86_400_000
const start = Date.UTC(2026, 2, 27)

/** Whole hours of some weeks around a change to daylight saving time. */
const time = fc.integer({ min: 0, max: 24 * 40 }).map((hours) => new Date(start + hours * 3_600_000))
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })

const terms = fc.oneof(
  fc.constant({ accessDurationDays: null, rental: null }),
  fc.record({ accessDurationDays: fc.integer({ min: 1, max: 10 }), rental: fc.constant(null) }),
  fc.record({
    accessDurationDays: fc.constant(null),
    rental: fc.record({ startWithinDays: fc.integer({ min: 1, max: 10 }), watchWithinHours: fc.integer({ min: 1, max: 72 }) }),
  }),
)

const grant: fc.Arbitrary<GrantTimes> = fc
  .tuple(
    terms,
    fc.record({
      startsAt: time,
      releasedAt: optional(time),
      firstPlayedAt: optional(time),
      extendedUntil: optional(time),
      extendedAt: optional(time),
      expiresAt: optional(time),
    }),
  )
  .map(([access, times]) => ({
    ...access,
    ...times,
    expiresAt: access.accessDurationDays === null && !access.rental ? times.expiresAt : null,
  }))

test('Postgres and packages/purchase agree on when a grant starts and expires', async () => {
  await fc.assert(
    fc.asyncProperty(grant, optional(time), async (times, availableFrom) => {
      const row = {
        starts_at: times.startsAt,
        pre_sold: times.releasedAt !== null,
        access_duration_days: times.accessDurationDays,
        rental_start_within_days: times.rental?.startWithinDays ?? null,
        rental_watch_within_hours: times.rental?.watchWithinHours ?? null,
        first_played_at: times.firstPlayedAt,
        extended_until: times.extendedUntil,
        extended_at: times.extendedAt,
        expires_at: times.expiresAt,
      }
      const released = times.releasedAt ?? availableFrom
      const [period] = await preparedQuery<object>(database.db)`
        select first as "startsAt", grant_expires_at(row_of_grant, first) as "expiresAt"
        from jsonb_populate_record(null::grants, ${JSON.stringify(row)}::jsonb) as row_of_grant,
          grant_starts_at(row_of_grant, ${released}::timestamptz) as first`
      expect(period).toEqual(grantPeriod(times))
    }),
    { numRuns: 500 },
  )
}, 60_000)

test('a day of access has 24 hours, even when the clocks change', () => {
  const startsAt = new Date(start)
  const untouched = {
    releasedAt: null,
    expiresAt: null,
    firstPlayedAt: null,
    extendedUntil: null,
    extendedAt: null,
    rental: null,
  }
  const { expiresAt } = grantPeriod({ ...untouched, startsAt, accessDurationDays: 10 })
  expect(expiresAt?.getTime()).toBe(start + 10 * day)
})
