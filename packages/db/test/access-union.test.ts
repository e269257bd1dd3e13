import { type GrantedPeriod, isOwned, type Period, uninterruptedUntil } from '@pay-to-view/purchase'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  extendGrant,
  grantComplimentaryAccess,
  putEntities,
  readCreateContext,
  recordFirstPlayback,
  revokeGrant,
} from '../src/index.ts'
import { readCurrentPeriods } from '../src/reads/access.ts'
import { insertTestPurchase, newPurchase, newUser, now, secondsPerDay, useDatabase } from './test-purchase.ts'

const database = useDatabase()

const film = { id: 'film-of-many-grants', type: 'video' as const, title: 'Film' }
const dayMs = secondsPerDay * 1_000

interface Purchase {
  stripe: Awaited<ReturnType<typeof insertTestPurchase>>
  isRenewal: boolean
  /** The length of access; null for permanent access. */
  days: number | null
  /** When access starts, unless the purchase is a renewal. */
  paidAt: number
  refunds: number
  isRefunded: boolean
  dispute: 'none' | 'needs_response' | 'won' | 'lost'
}

/**
 * A model of one user. The expected access is calculated from the user's actions without pay-to-view's rules. Times are in milliseconds.
 */
class User {
  readonly id = newUser()
  readonly purchases: Purchase[] = []
  readonly given: { id: string; from: number; until: number | null; isRevoked: boolean }[] = []
  /** Stripe's clock in seconds. It advances with each snapshot, because snapshots from the same second would be ambiguous. */
  second = now
}

type Command = [name: string, run: (user: User) => Promise<unknown>]

const pick = <T>(items: readonly T[], index: number): T | undefined => items[index % Math.max(items.length, 1)]

const buy = (days: number | null, isRenewal: boolean): Command => [
  `${isRenewal ? 'renew' : 'buy'} ${days}`,
  async (user) => {
    const context = await readCreateContext(database.db, user.id, newPurchase(user.id).product.id, film.id)
    if (isOwned(context.periods, context.now, isRenewal) || context.blockedBy) return
    const stripe = await insertTestPurchase(database.db, user.id, film, days, isRenewal)
    await stripe.pay()
    user.purchases.push({ stripe, isRenewal, days, paidAt: now * 1_000, refunds: 0, isRefunded: false, dispute: 'none' })
  },
]

const give = (from: number, days: number | null): Command => [
  `give ${days} days in ${from}`,
  async (user) => {
    const startsAt = new Date(now * 1_000 + from * dayMs)
    const expiresAt = days === null ? null : new Date(startsAt.getTime() + days * dayMs)
    const grant = {
      userId: user.id,
      entityId: film.id,
      startsAt,
      expiresAt,
      reason: 'press',
      grantedBy: 'root',
      idempotencyKey: null,
    }
    const given = await grantComplimentaryAccess(database.db, grant)
    if (typeof given === 'string') throw new Error(given)
    user.given.push({ id: given.grant.id, from: startsAt.getTime(), until: expiresAt?.getTime() ?? null, isRevoked: false })
  },
]

const withGiven = (name: string, index: number, run: (given: User['given'][number]) => Promise<void>): Command => [
  `${name} ${index}`,
  async ({ given }) => {
    const one = pick(given, index)
    if (one && !one.isRevoked) await run(one)
  },
]

const revoke = (index: number): Command =>
  withGiven('revoke', index, async (one) => {
    await revokeGrant(database.db, one.id, { reason: 'over', by: 'root' })
    one.isRevoked = true
  })

const changeEnd = (index: number, days: number): Command =>
  withGiven(`change the end to ${days} of`, index, async (one) => {
    const until = Math.max(Date.now(), one.from) + days * dayMs
    await extendGrant(database.db, one.id, { expiresAt: new Date(until), by: 'root' })
    one.until = until
  })

const withPurchase = (name: string, index: number, run: (user: User, purchase: Purchase) => Promise<void>): Command => [
  `${name} ${index}`,
  async (user) => {
    const purchase = pick(user.purchases, index)
    user.second += 1
    if (purchase) await run(user, purchase)
  },
]

const refund = (index: number, status: 'succeeded' | 'failed'): Command =>
  withPurchase(`refund ${status}`, index, async (_, purchase) => {
    if (status === 'succeeded' && purchase.isRefunded) return
    // The status `failed` applies to the latest refund, which was accepted earlier.
    if (status === 'succeeded') purchase.refunds += 1
    if (purchase.refunds === 0) return
    await purchase.stripe.apply(purchase.stripe.refund(`${purchase.refunds}`, { status }))
    purchase.isRefunded = status === 'succeeded'
  })

const dispute = (index: number, status: 'needs_response' | 'won' | 'lost'): Command =>
  withPurchase(`dispute ${status}`, index, async (user, purchase) => {
    await purchase.stripe.apply(purchase.stripe.dispute(status, user.second))
    purchase.dispute = status
  })

const shiftFacts = (seconds: number): string => `(
  SELECT coalesce(jsonb_object_agg(key, value || jsonb_build_object('observedAt', (value ->> 'observedAt')::bigint - ${seconds})), '{}')
  FROM jsonb_each(facts)
)`

/** Shifts the user's times into the past, as if days had passed. */
const wait = (days: number): Command => [
  `wait ${days} days`,
  async (user) => {
    const back = (...columns: string[]): string => columns.map((name) => `${name} = ${name} - interval '${days} days'`).join(', ')
    const { db } = database
    await db.$executeRawUnsafe(
      `UPDATE grants SET ${back('created_at', 'starts_at', 'expires_at', 'first_played_at', 'extended_until', 'extended_at')} WHERE user_id = $1`,
      user.id,
    )
    await db.$executeRawUnsafe(
      `UPDATE purchases SET facts = ${shiftFacts(days * secondsPerDay)}, ${back('created_at', 'completed_at')} WHERE user_id = $1`,
      user.id,
    )
    for (const purchase of user.purchases) purchase.paidAt -= days * dayMs
    for (const one of user.given) {
      one.from -= days * dayMs
      if (one.until !== null) one.until -= days * dayMs
    }
  },
]

const play: Command = ['play', (user) => recordFirstPlayback(database.db, user.id, film.id)]

const index = fc.nat(4)
const days = fc.integer({ min: 1, max: 5 })
const length = fc.option(days, { nil: null, freq: 6 })
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.tuple(length, fc.boolean()).map((values) => buy(...values)),
  fc.tuple(length, fc.constant(true)).map((values) => buy(...values)),
  fc.tuple(fc.nat(3), length).map((values) => give(...values)),
  index.map(revoke),
  fc.tuple(index, days).map((values) => changeEnd(...values)),
  fc
    .tuple(index, fc.constantFrom('succeeded' as const, 'succeeded' as const, 'failed' as const))
    .map((values) => refund(...values)),
  fc
    .tuple(index, fc.constantFrom('needs_response' as const, 'won' as const, 'lost' as const))
    .map((values) => dispute(...values)),
  days.map(wait),
  fc.constant(play),
)

const isEntitled = ({ isRefunded, dispute: state }: Purchase): boolean => !isRefunded && (state === 'none' || state === 'won')

const untilOf = ({ expiresAt }: Period): number => expiresAt?.getTime() ?? Number.POSITIVE_INFINITY

/**
 * Returns the access that the user should have now and in the future. Renewals with a limited length are excluded, because their start
 * depends on the user's other access.
 */
const expectedPeriods = ({ purchases, given }: User): { id: string; from: number; until: number }[] =>
  [
    ...given.filter(({ isRevoked }) => !isRevoked).map(({ id, from, until }) => ({ id, from, until })),
    ...purchases
      .filter((purchase) => isEntitled(purchase) && !(purchase.isRenewal && purchase.days !== null))
      .map(({ stripe: { id }, paidAt, days: paid }) => ({
        id,
        from: paidAt,
        until: paid === null ? null : paidAt + paid * dayMs,
      })),
  ]
    .map(({ until, ...period }) => ({ ...period, until: until ?? Number.POSITIVE_INFINITY }))
    .filter(({ until }) => until > Date.now())
    .sort((a, b) => (a.id < b.id ? -1 : 1))

const check = async (user: User): Promise<void> => {
  const { at, periods } = await readCurrentPeriods(database.db, user.id, film.id)
  const renewals = new Map(user.purchases.filter((one) => one.isRenewal && one.days !== null).map((one) => [one.stripe.id, one]))
  const isRenewal = ({ purchaseId }: GrantedPeriod): boolean => renewals.has(purchaseId ?? '')
  const others = periods
    .filter((period) => !isRenewal(period))
    .map((period) => ({ id: period.purchaseId ?? period.grantId, from: period.startsAt.getTime(), until: untilOf(period) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  expect(others).toEqual(expectedPeriods(user))
  const access = uninterruptedUntil(periods, at)
  for (const period of periods.filter(isRenewal)) {
    const renewal = renewals.get(period.purchaseId ?? '')
    expect(renewal && isEntitled(renewal)).toBe(true)
    // The renewal has its full length, and there is no gap between the preceding access and the renewal.
    expect(untilOf(period) - period.startsAt.getTime()).toBe((renewal?.days ?? 0) * dayMs)
    if (access !== null) expect(period.startsAt.getTime()).toBeLessThanOrEqual(Math.max(access.getTime(), at.getTime()))
  }
  for (const { stripe, isRenewal: isOne, days: paid } of user.purchases.filter(isEntitled)) {
    if (!isOne || paid === null) continue
    const grant = await database.db.grant.findUniqueOrThrow({ where: { purchaseId: stripe.id } })
    // Access that expired while the payment was disputed is not restored.
    if (grant.startsAt.getTime() + paid * dayMs > Date.now()) expect(grant.revokedAt).toBeNull()
  }
}

test('any order of grants, renewals, refunds, disputes, revocations and passing time leads to the union of all active access', async () => {
  await putEntities(database.db, [film], 'root')
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 2, maxLength: 10 }), async (commands) => {
      const user = new User()
      for (const [, run] of commands) {
        await run(user)
        await check(user)
      }
    }),
    {
      numRuns: 60,
      reporter: (details) => {
        if (!details.failed) return
        const names = details.counterexample?.[0].map(([name]) => name).join('; ')
        throw new Error(
          `seed ${details.seed}: ${names}\n${details.errorInstance instanceof Error ? details.errorInstance.message : ''}`,
        )
      },
    },
  )
}, 120_000)
