import { type GrantTimes, grantPeriod, isOwned, maxAccessMs } from '@pay-to-view/purchase'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { preparedQuery } from '../src/client.ts'
import {
  changeGrantOfJob,
  createReads,
  extendGrant,
  grantComplimentaryAccess,
  insertPurchase,
  nextJobItems,
  planJob,
  putEntities,
  readCreateContext,
  recordFirstPlayback,
} from '../src/index.ts'
import { readAccess } from '../src/reads/access.ts'
import { insertTestPurchase, newPurchase, newUser, now, useDatabase } from './test-purchase.ts'

const database = useDatabase()

const day = 86_400_000
const start = Date.UTC(2026, 2, 27)

/** Generates whole hours in the weeks around a daylight saving time change. */
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

const inDays = (days: number): Date => new Date((now + days * 86_400) * 1_000)

test('a renewal of a pre-sold event follows the access that starts with the event, even when this access is moved or refunded', async () => {
  const { db } = database
  const event = { id: 'renewed-event', type: 'video' as const, title: 'Event' }
  const moveTo = (availableFrom: Date) => putEntities(db, [{ ...event, availableFrom: availableFrom.toISOString() }], 'root')
  await moveTo(inDays(10))
  const user = newUser()
  const first = await insertTestPurchase(db, user, event, 2)
  await first.pay()
  const second = await insertTestPurchase(db, user, event, 3, true)
  await second.pay()
  const access = async () => (await readAccess(db, user, [event.id]))[0]?.access
  expect(await access()).toMatchObject({ hasAccess: false, startsAt: inDays(10), expiresAt: inDays(15) })

  await moveTo(inDays(20))
  const job = await db.entityJob.findFirstOrThrow({ where: { entityId: event.id, kind: 'move' } })
  await planJob(db, job)
  for (const { subjectId } of await nextJobItems(db, job.id, 10)) await changeGrantOfJob(db, job, subjectId)
  expect(await access()).toMatchObject({ hasAccess: false, startsAt: inDays(20), expiresAt: inDays(25) })

  await first.apply(first.refund('all'))
  expect(await access()).toMatchObject({ hasAccess: false, startsAt: inDays(20), expiresAt: inDays(23) })
  await moveTo(inDays(5))
  expect(await access()).toMatchObject({ startsAt: inDays(5), expiresAt: inDays(8) })
})

test('a pre-sold rental that was played can be started again after its event was moved to a later date', async () => {
  const { db } = database
  const event = { id: 'played-event', type: 'video' as const, title: 'Event' }
  const moveTo = (availableFrom: Date) => putEntities(db, [{ ...event, availableFrom: availableFrom.toISOString() }], 'root')
  await moveTo(inDays(10))
  const user = newUser()
  const purchase = await insertTestPurchase(db, user, event, 30)
  await purchase.pay()
  const rental = { accessDurationDays: null, rentalStartWithinDays: 30, rentalWatchWithinHours: 48 }
  await db.grant.update({ where: { purchaseId: purchase.id }, data: { ...rental, startsAt: inDays(-3) } })
  const access = async () => (await readAccess(db, user, [event.id]))[0]?.access
  const history = async () => (await createReads(db).history(user, { page: 1, pageSize: 1 })).items[0]
  await moveTo(inDays(-2))
  expect(await recordFirstPlayback(db, user, event.id)).toMatchObject({ hasAccess: true })
  const { firstPlayedAt } = await db.grant.findUniqueOrThrow({ where: { purchaseId: purchase.id } })

  await moveTo(inDays(7))
  expect(await access()).toMatchObject({
    hasAccess: false,
    startsAt: inDays(7),
    expiresAt: inDays(37),
    grant: { firstPlayedAt: null },
  })
  expect(await history()).toMatchObject({ startsAt: inDays(7), expiresAt: inDays(37), firstPlayedAt: null })
  expect((await createReads(db).grants({ userId: user }, null, 1))[0]).toMatchObject({
    startsAt: inDays(7),
    expiresAt: inDays(37),
    firstPlayedAt: null,
  })

  // The new date comes.
  await db.grant.update({ where: { purchaseId: purchase.id }, data: { firstPlayedAt: inDays(-2) } })
  await moveTo(inDays(-1))
  expect(await access()).toMatchObject({ hasAccess: true, expiresAt: inDays(29) })
  const played = await recordFirstPlayback(db, user, event.id)
  const startedAt = played?.grant.firstPlayedAt?.getTime() ?? 0
  expect(startedAt).toBeGreaterThanOrEqual(firstPlayedAt?.getTime() ?? 0)
  expect(played).toMatchObject({ hasAccess: true, expiresAt: new Date(startedAt + 2 * day) })
  expect(await history()).toMatchObject({ firstPlayedAt: new Date(startedAt) })
})

test('a date that is moved by mistake does not affect renewals of access that was bought after the release', async () => {
  const { db } = database
  const event = { id: 'mistyped-event', type: 'video' as const, title: 'Event' }
  await putEntities(db, [event], 'root')
  const user = newUser()
  await (await insertTestPurchase(db, user, event, 10)).pay()
  await (await insertTestPurchase(db, user, event, 5, true)).pay()
  await putEntities(db, [{ ...event, availableFrom: inDays(365).toISOString() }], 'root')
  const [first] = await db.grant.findMany({ where: { userId: user }, orderBy: { startsAt: 'asc' } })
  const access = async () => (await readAccess(db, user, [event.id]))[0]?.access
  expect(await access()).toMatchObject({ hasAccess: true, expiresAt: inDays(15) })
  await extendGrant(db, first?.id ?? '', { expiresAt: inDays(12), by: 'root' })
  expect(await access()).toMatchObject({ hasAccess: true, expiresAt: inDays(17) })
})

test('an idempotency key of access with a start cannot be used for access that starts immediately', async () => {
  const { db } = database
  await putEntities(db, [{ id: 'given-film', type: 'video', title: 'Film' }], 'root')
  const grant = { userId: newUser(), entityId: 'given-film', expiresAt: null, reason: 'press', grantedBy: 'root' }
  const give = (startsAt: Date | null, idempotencyKey: string) =>
    grantComplimentaryAccess(db, { ...grant, startsAt, idempotencyKey })
  const later = await give(inDays(1), 'later')
  expect(await give(inDays(1), 'later')).toEqual(later)
  expect(await give(null, 'later')).toBe('conflict')
  expect(await give(inDays(2), 'later')).toBe('conflict')
  const immediate = await give(null, 'now')
  expect(await give(null, 'now')).toEqual(immediate)
  expect(await give(inDays(1), 'now')).toBe('conflict')
})

test('access cannot be extended beyond the maximum length', async () => {
  const { db } = database
  await putEntities(db, [{ id: 'long-film', type: 'video', title: 'Film' }], 'root')
  const startsAt = inDays(-20_000)
  const result = await grantComplimentaryAccess(db, {
    ...{ userId: newUser(), entityId: 'long-film', startsAt, expiresAt: inDays(1), reason: 'press', grantedBy: 'root' },
    idempotencyKey: null,
  })
  if (typeof result === 'string') throw new Error(result)
  const maxExpiresAt = new Date(startsAt.getTime() + maxAccessMs)
  const extend = (expiresAt: Date) => extendGrant(db, result.grant.id, { expiresAt, by: 'root' })
  expect(await extend(new Date(maxExpiresAt.getTime() + 1))).toEqual({ maxExpiresAt })
  expect(await extend(maxExpiresAt)).toMatchObject({ grant: { expiresAt: maxExpiresAt } })
})

test('purchases.create and the database agree on what the user owns if access starts later', async () => {
  const { db } = database
  await putEntities(db, [{ id: 'short-season', type: 'channel', title: 'Season' }], 'root')
  const episode = { id: 'last-episode', type: 'video' as const, title: 'Last' }
  const availableFrom = inDays(60).toISOString()
  await putEntities(db, [{ ...episode, availableFrom, memberOf: ['short-season'] }], 'root')
  const buyer = newUser()
  await (await insertTestPurchase(db, buyer, { id: 'short-season', type: 'channel', title: 'Season' }, 30)).pay()
  // Access to the season expires before the episode is released.
  const context = await readCreateContext(db, buyer, newPurchase(buyer).product.id, episode.id)
  expect(isOwned(context.periods, context.now, false)).toBe(false)
  const bought = await insertTestPurchase(db, buyer, episode, 30)
  await bought.pay({ observedAt: now })
  const guest = {
    userId: buyer,
    entityId: episode.id,
    startsAt: inDays(1),
    expiresAt: inDays(2),
    reason: 'press',
    grantedBy: 'root',
  }
  await grantComplimentaryAccess(db, { ...guest, idempotencyKey: null })
  // The purchase still counts if complimentary access starts before the purchased access.
  const owned = await readCreateContext(db, buyer, newPurchase(buyer).product.id, episode.id)
  expect(isOwned(owned.periods, owned.now, false)).toBe(true)
  expect(await insertPurchase(db, newPurchase(buyer, episode))).toBe('owned')
})
