import type { PayToViewClient } from '@pay-to-view/client'
import { waitFor } from '@pay-to-view/devstack/wait'
import { seedIds, useSharedStack } from '@pay-to-view/testing/stack'
import { beforeAll, describe, expect, test } from 'vitest'
import { createCatalog, createUser, day, expectTime, hour, inTime } from './access-grants/users.ts'

// Tests access that does not come from a single payment, access that starts later, and access that is renewed.
const stack = useSharedStack()

let admin: PayToViewClient

beforeAll(async () => {
  admin = await stack().client('root', { admin: true })
})

const newEntity = (fields?: Parameters<typeof createCatalog>[1]) => createCatalog(admin, fields)
const newUser = () => createUser(stack())

const refund = async (client: PayToViewClient, id: string) => {
  await admin.admin.purchases.refund.mutate({ id })
  await stack().waitForStatus(client, id, 'Refunded')
}

describe('complimentary access', () => {
  test('is granted once per idempotency key, extended, listed and revoked, and everything is audited', async () => {
    const [{ userId, access, create }, entityId] = [await newUser(), await newEntity()]
    const grants = admin.admin.grants
    const requested = { userId, entityId, expiresAt: inTime(day), reason: 'Press', idempotencyKey: `press-${userId}` }
    const granted = await grants.create.mutate(requested)
    expect(granted).toMatchObject({
      userId,
      entityId,
      source: 'complimentary',
      purchaseId: null,
      revokedAt: null,
      reason: 'Press',
    })
    expect(granted.expiresAt).toBe(requested.expiresAt)
    expect(await grants.create.mutate(requested)).toEqual(granted)
    await expect(grants.create.mutate({ ...requested, reason: 'Support' })).rejects.toMatchObject({
      data: { problem: { code: 'idempotency_conflict' } },
    })
    expect(await access(entityId)).toMatchObject({ hasAccess: true, source: 'complimentary', purchaseId: null })
    expect(await create(entityId, 'month')).toEqual({ success: false, hasAccess: true })

    const { grantId } = granted
    expect(await grants.extend.mutate({ grantId, expiresAt: null })).toMatchObject({ expiresAt: null })
    expect(await access(entityId)).toMatchObject({ hasAccess: true, expiresAt: null })
    const revoked = await grants.revoke.mutate({ grantId, reason: 'The review was published' })
    expect(revoked).toMatchObject({ revokedAt: expect.any(String), revokedBy: 'root', revokedReason: 'The review was published' })
    expect(await grants.revoke.mutate({ grantId, reason: 'again' })).toEqual(revoked)
    expect(await access(entityId)).toMatchObject({ hasAccess: false, source: null })
    await expect(grants.extend.mutate({ grantId, expiresAt: inTime(day) })).rejects.toMatchObject({
      data: { problem: { code: 'grant_revoked' } },
    })
    expect(await grants.list.query({ userId })).toEqual({ items: [revoked], nextCursor: null })
    const audit = await admin.admin.audit.list.query({ subjectId: grantId })
    expect(audit.items.map(({ action }) => action)).toEqual(['grant.revoked', 'grant.extended', 'grant.created'])
  })

  test('that starts later does not prevent a purchase, and never causes a refund', async () => {
    const [user, entityId] = [await newUser(), await newEntity()]
    const { userId } = user
    await admin.admin.grants.create.mutate({ userId, entityId, startsAt: inTime(hour), reason: 'Press' })
    expect(await user.access(entityId)).toMatchObject({ hasAccess: false, source: 'complimentary', expiresAt: null })
    const opened = await user.open(entityId, 'month')
    await admin.admin.grants.create.mutate({ userId, entityId, reason: 'Press' })
    const purchaseId = await user.pay(opened)
    expect(await user.access(entityId)).toMatchObject({ hasAccess: true, expiresAt: null })
    expect(await user.client.purchases.get.query({ id: purchaseId })).toMatchObject({ status: 'Completed', amountRefunded: 0 })
    expect(await stack().query('select 1 from refund_requests where purchase_id = $1', [purchaseId])).toEqual([])
  })

  test.each<[string, object, string, string]>([
    ['an expiry in the past', { expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt', 'future'],
    ['an expiry before the start', { startsAt: inTime(2 * day), expiresAt: inTime(day) }, 'expiresAt', 'after startsAt'],
    ['more than 100 years', { expiresAt: '2200-01-01T00:00:00Z' }, 'expiresAt', '100 years'],
    ['an unknown entity', { entityId: 'unknown' }, 'entityId', 'catalog'],
    ['no reason', { reason: ' ' }, 'reason', 'reason'],
    ['an unknown field', { until: '2030-01-01' }, 'until', ''],
  ])('is rejected with %s', async (_, changes, field, message) => {
    const body = { userId: 'anyone', entityId: seedIds.film, reason: 'Press', ...changes }
    const response = await fetch(`${stack().stack.api}/admin/v1/pay-to-view/grants`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await stack().token('root', { admin: true })}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(response.status).toBe(400)
    const { errors }: { errors: unknown } = JSON.parse(await response.text())
    expect(errors).toEqual([
      expect.objectContaining({ field: expect.stringMatching(field), message: expect.stringContaining(message) }),
    ])
  })
})

describe('purchased access', () => {
  test('can be extended manually but not shortened, and is revoked only by a refund', async () => {
    const [user, entityId] = [await newUser(), await newEntity()]
    const id = await user.buy(entityId, 'month')
    const { items } = await admin.admin.grants.list.query({ userId: user.userId })
    const [grant] = items
    if (!grant) throw new Error('The purchase has no grant')
    const { grantId } = grant
    expect(grant).toMatchObject({ source: 'purchase', purchaseId: id, reason: null })
    const until = inTime(40 * day)
    expect(await admin.admin.grants.extend.mutate({ grantId, expiresAt: until })).toMatchObject({
      expiresAt: until,
      extendedUntil: until,
    })
    expect(await user.access(entityId)).toMatchObject({ expiresAt: until })
    expect(await user.client.purchases.get.query({ id })).toMatchObject({ expiresAt: until })
    await expect(admin.admin.grants.extend.mutate({ grantId, expiresAt: inTime(day) })).rejects.toThrow()
    await expect(admin.admin.grants.revoke.mutate({ grantId, reason: 'x' })).rejects.toMatchObject({
      data: { problem: { code: 'refund_instead' } },
    })
    const { timeline } = await admin.admin.purchases.get.query({ id })
    expect(timeline.at(-1)).toMatchObject({
      cause: { kind: 'access_extended', by: 'root' },
      note: expect.stringContaining(until),
    })
    await refund(user.client, id)
    await user.waitForAccess(entityId, false)
  })
})

test('a rental must be started within 30 days, and its 48 hours start only once, even if many players start at the same time', async () => {
  const [user, entityId] = [await newUser(), await newEntity()]
  await user.buy(entityId, 'rental')
  const before = await user.access(entityId)
  expect(before).toMatchObject({ hasAccess: true, rental: { watchWithinHours: 48, startedAt: null } })
  expectTime(before.expiresAt, Date.now() + 30 * day)
  const players = await Promise.all(Array.from({ length: 20 }, () => user.client.access.playbackToken.mutate({ entityId })))
  expect(players).toHaveLength(20)
  const after = await user.access(entityId)
  expectTime(after.expiresAt, Date.now() + 48 * hour)
  const startedAt = after.rental?.startedAt ?? ''
  expect(Date.parse(after.expiresAt ?? '') - Date.parse(startedAt)).toBe(48 * hour)
  await user.client.access.playbackToken.mutate({ entityId })
  expect(await user.access(entityId)).toEqual(after)
  expect(await user.create(entityId, 'rental')).toEqual({ success: false, hasAccess: true })
})

describe('pre-sale', () => {
  test('access starts with the release, even if the release is moved', async () => {
    const user = await newUser()
    const availableFrom = inTime(hour)
    const entityId = await newEntity({ availableFrom })
    const id = await user.buy(entityId, 'week')
    expect(await user.access(entityId)).toMatchObject({
      hasAccess: false,
      startsAt: availableFrom,
      source: 'purchase',
      purchaseId: id,
    })
    expect(await user.create(entityId, 'week')).toEqual({ success: false, hasAccess: true, startsAt: availableFrom })
    expect(await user.client.purchases.get.query({ id })).toMatchObject({
      status: 'Completed',
      startsAt: availableFrom,
      hasAccess: false,
    })
    await expect(user.client.access.playbackToken.mutate({ entityId })).rejects.toMatchObject({
      data: { httpStatus: 403, problem: { code: 'not_started', startsAt: availableFrom } },
    })
    const moved = inTime(2 * day)
    await admin.admin.entities.put.mutate({ id: entityId, type: 'video', title: 'Moved', availableFrom: moved })
    expect(await user.access(entityId)).toMatchObject({
      startsAt: moved,
      expiresAt: new Date(Date.parse(moved) + 7 * day).toISOString(),
    })
    await admin.admin.entities.put.mutate({ id: entityId, type: 'video', title: 'Now', availableFrom: inTime(-hour) })
    const access = await user.access(entityId)
    expect(access.hasAccess).toBe(true)
    expectTime(access.expiresAt, Date.now() + 7 * day)
  })

  test('a moved date does not affect purchases that were made after the release', async () => {
    const user = await newUser()
    const entityId = await newEntity({ availableFrom: inTime(-hour) })
    await user.buy(entityId, 'week')
    const before = await user.access(entityId)
    await admin.admin.entities.put.mutate({ id: entityId, type: 'video', title: 'Mistyped', availableFrom: inTime(365 * day) })
    expect(await user.access(entityId)).toEqual(before)
    expect(before.hasAccess).toBe(true)
  })

  test('a member that is released later than its season cannot be played before its own release', async () => {
    const user = await newUser()
    const season = await newEntity({ type: 'content' })
    const availableFrom = inTime(hour)
    const episode = await newEntity({ memberOf: [season], availableFrom })
    await user.buy(season, 'month')
    expect(await user.access(season)).toMatchObject({ hasAccess: true })
    expect(await user.access(episode)).toMatchObject({ hasAccess: false, startsAt: availableFrom })
    expect(await user.create(episode, 'month')).toEqual({ success: false, hasAccess: true, startsAt: availableFrom })
  })

  test('a page that is open when the access starts is notified', async () => {
    const user = await newUser()
    const availableFrom = inTime(8_000)
    const entityId = await newEntity({ availableFrom })
    await user.buy(entityId, 'week')
    const received: boolean[] = []
    const subscription = user.client.access.watch.subscribe({ entityId }, { onData: ({ hasAccess }) => received.push(hasAccess) })
    await waitFor('the access to start', async () => received.includes(true) || null, { timeoutMs: 30_000 })
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(availableFrom))
    expect(received).toEqual([false, true])
    subscription.unsubscribe()
  })
})

describe('a renewal', () => {
  test('follows the current access, and starts earlier if the current access ends early', async () => {
    const [user, entityId] = [await newUser(), await newEntity()]
    const first = await user.buy(entityId, 'month')
    expect(await user.create(entityId, 'month')).toEqual({ success: false, hasAccess: true })
    const { expiresAt } = await user.access(entityId)
    const second = await user.buy(entityId, 'week', true)
    expect(await user.client.purchases.get.query({ id: second })).toMatchObject({ startsAt: expiresAt, hasAccess: false })
    const both = await user.access(entityId)
    expect(both).toMatchObject({ hasAccess: true, purchaseId: first })
    expect(both.expiresAt).toBe(new Date(Date.parse(expiresAt ?? '') + 7 * day).toISOString())
    await refund(user.client, first)
    const moved = await user.access(entityId)
    expect(moved).toMatchObject({ hasAccess: true, purchaseId: second })
    expectTime(moved.startsAt, Date.now())
    expectTime(moved.expiresAt, Date.now() + 7 * day)
    expect(await user.client.purchases.get.query({ id: second })).toMatchObject({ status: 'Completed', amountRefunded: 0 })
  })

  test('that makes a rented film permanent starts immediately, and there is never more than one payable checkout', async () => {
    const [user, entityId] = [await newUser(), await newEntity()]
    await user.buy(entityId, 'rental')
    const opened = await user.open(entityId, 'week', true)
    const other = await user.open(entityId, 'permanent', true)
    expect(await stack().pay(opened.sessionId)).not.toBe(200)
    await user.pay(other)
    expect(await user.access(entityId)).toMatchObject({ hasAccess: true, expiresAt: null, purchaseId: other.purchaseId })
    expect(await user.create(entityId, 'permanent', true)).toEqual({ success: false, hasAccess: true })
  })

  test('starts with its payment if the earlier access has already ended', async () => {
    const [user, entityId] = [await newUser(), await newEntity()]
    const id = await user.buy(entityId, 'month', true)
    const access = await user.access(entityId)
    expect(access).toMatchObject({ hasAccess: true, purchaseId: id })
    expectTime(access.startsAt, Date.now())
  })
})
