import { PlaybackKey } from '@pay-to-view/api'
import { closeDb, createDb, type Db, grantComplimentaryAccess, revokeGrant } from '@pay-to-view/db'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { seedIds } from '@pay-to-view/testing/stack'
import type { FastifyInstance } from 'fastify'
import { decodeJwt, exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { startPlaybackServer } from './playback-server.ts'

const chrome = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
const film = seedIds.film

let database: Database
let otherDb: Db
let servers: [FastifyInstance, FastifyInstance]
let signatures = 0

const onSign = () => {
  signatures++
}

beforeAll(async () => {
  database = await startDatabase()
  otherDb = createDb(database.databaseUrl)
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const key = PlaybackKey.parse({ ...(await exportJWK(privateKey)), kid: 'one' })
  const options = { key, onSign }
  servers = [await startPlaybackServer(database.db, options), await startPlaybackServer(otherDb, options)]
}, 120_000)

afterAll(async () => {
  for (const server of servers ?? []) await server.close()
  if (otherDb) await closeDb(otherDb)
  await database?.stop()
})

const path = '/client/v1/pay-to-view/access/playback'

const call = async (user: string, method: 'POST' | 'DELETE', url: string, payload?: object, server = 0) => {
  const response = await (servers[server] ?? servers[0]).inject({
    ...{ method, url, ...(payload && { payload }) },
    headers: { authorization: `Bearer ${user}`, 'user-agent': chrome, 'x-forwarded-for': '203.0.113.77' },
  })
  return { status: response.statusCode, body: response.body === '' ? null : response.json() }
}

const start = (user: string, input: object = {}, server = 0) => call(user, 'POST', path, { entityId: film, ...input }, server)
const heartbeat = (user: string, id: string, input: object = {}, server = 0) =>
  call(user, 'POST', `${path}/${id}/heartbeat`, input, server)
const end = (user: string, id: string, query = '') => call(user, 'DELETE', `${path}/${id}${query}`)

const startId = async (user: string, input: object = {}): Promise<string> =>
  z.object({ status: z.literal(200), body: z.object({ sessionId: z.string() }) }).parse(await start(user, input)).body.sessionId

let users = 0
const newUser = async (grant: Partial<Parameters<typeof grantComplimentaryAccess>[1]> = {}) => {
  const userId = `user-${++users}`
  const times = { startsAt: null, expiresAt: null, reason: 'test', grantedBy: 'test', idempotencyKey: null }
  const result = await grantComplimentaryAccess(database.db, { userId, entityId: film, ...times, ...grant })
  if (typeof result === 'string') throw new Error(result)
  return { userId, grantId: result.grant.id }
}

/** Makes the lease of a playback session expire. */
const expireLease = (id: string) =>
  database.db.playbackSession.update({ where: { id }, data: { lastSeenAt: new Date(Date.now() - 91_000) } })

const startRental = (userId: string, entityId: string = film) =>
  database.db.grant.create({
    data: {
      ...{ id: `grant_${crypto.randomUUID().replaceAll('-', '')}`, userId, entityId, source: 'complimentary' },
      ...{ startsAt: new Date(Date.now() - 1_000), rentalStartWithinDays: 30, rentalWatchWithinHours: 48 },
    },
  })

describe('a start', () => {
  test('returns the session, the location of the film, and a token for five minutes', async () => {
    const { userId } = await newUser()
    const { status, body } = await start(userId)
    expect([status, body]).toEqual([
      200,
      {
        ...{ sessionId: expect.stringMatching(/^play_/), provider: 'own', url: null, thumbnailUrl: null, heartbeatSeconds: 30 },
        ...{ token: expect.any(String), expiresAt: expect.any(String) },
      },
    ])
    const { exp = 0, iat = 0, sub, entityId } = decodeJwt(body.token)
    expect([exp - iat, sub, entityId, new Date(exp * 1000).toISOString()]).toEqual([300, userId, film, body.expiresAt])
  })

  test('without access, or before access starts, gets 403', async () => {
    expect(await start('nobody')).toMatchObject({ status: 403, body: { code: 'no_access' } })
    expect(await start('nobody', { entityId: 'unknown' })).toMatchObject({ status: 403, body: { code: 'no_access' } })
    const startsAt = new Date(Date.now() + 3_600_000)
    const { userId } = await newUser({ startsAt })
    const { status, body } = await start(userId)
    expect([status, body.code, body.startsAt]).toEqual([403, 'not_started', startsAt.toISOString()])
  })

  test('of a member is rejected before its own release, even with access to its container', async () => {
    const { userId } = await newUser({ entityId: seedIds.channel })
    const availableFrom = new Date(Date.now() + 3_600_000)
    const member = { where: { id: seedIds.channelFilm } }
    await database.db.entity.update({ ...member, data: { availableFrom } })
    const { body } = await start(userId, { entityId: seedIds.channelFilm })
    expect([body.code, body.startsAt]).toEqual(['not_started', availableFrom.toISOString()])
    await database.db.entity.update({ ...member, data: { availableFrom: null } })
    expect(await start(userId, { entityId: seedIds.channelFilm })).toMatchObject({ status: 200 })
  })

  test('starts the clock of a rental once; a rejected start does not', async () => {
    const userId = `user-${++users}`
    const { id } = await startRental(userId)
    for (let n = 0; n < 3; n++)
      await database.db.playbackSession.create({
        data: {
          ...{ id: `play_${userId}_${n}`, userId, entityId: 'other', startedAt: new Date(), lastSeenAt: new Date() },
        },
      })
    expect(await start(userId)).toMatchObject({ status: 409 })
    const read = async () => (await database.db.grant.findUniqueOrThrow({ where: { id } })).firstPlayedAt
    expect(await read()).toBeNull()
    const { status, body } = await start(userId, { takeOver: true })
    const firstPlayedAt = await read()
    expect([status, firstPlayedAt]).toEqual([200, expect.any(Date)])
    expect(body.expiresAt < new Date((firstPlayedAt?.getTime() ?? 0) + 48 * 3_600_000).toISOString()).toBe(true)
    await start(userId, { takeOver: true })
    expect(await read()).toEqual(firstPlayedAt)
  })

  test('rejects unknown fields and invalid values', async () => {
    const { userId } = await newUser()
    expect(await start(userId, { device: 'x' })).toMatchObject({ status: 400, body: { errors: [{ field: 'device' }] } })
    expect(await start(userId, { deviceId: '' })).toMatchObject({ status: 400, body: { errors: [{ field: 'deviceId' }] } })
    const id = await startId(userId)
    expect(await heartbeat(userId, id, { position: 1 })).toMatchObject({ status: 400, body: { errors: [{ field: 'position' }] } })
    expect(await heartbeat(userId, id, { positionSeconds: -1 })).toMatchObject({ status: 400 })
  })
})

describe('the screen limit', () => {
  test('holds when 20 players start concurrently on two servers', async () => {
    const { userId } = await newUser()
    const responses = await Promise.all(Array.from({ length: 20 }, (_, n) => start(userId, { deviceId: `device-${n}` }, n % 2)))
    expect(responses.map(({ status }) => status).sort()).toEqual([...Array(3).fill(200), ...Array(17).fill(409)])
    expect(await database.db.playbackSession.count({ where: { userId } })).toBe(3)
  })

  test('returns 409 with the playing sessions; takeOver ends the session that has sent no heartbeat for the longest time', async () => {
    const { userId } = await newUser()
    const ids = [await startId(userId), await startId(userId), await startId(userId)]
    await database.db.playbackSession.update({
      where: { id: ids[1] ?? '' },
      data: { lastSeenAt: new Date(Date.now() - 60_000) },
    })
    const { status, body } = await start(userId)
    expect([status, body.code, body.cause]).toEqual([409, 'too_many_streams', 'limit'])
    const times = { startedAt: expect.any(String), lastSeenAt: expect.any(String) }
    expect(body.sessions).toEqual([...ids].reverse().map((id) => ({ id, entityId: film, device: 'Chrome on Windows', ...times })))

    const taken = await startId(userId, { takeOver: true })
    const open = await database.db.playbackSession.findMany({ where: { userId, endedAt: null }, orderBy: { id: 'asc' } })
    expect(open.map(({ id }) => id)).toEqual([ids[0], ids[2], taken])
    const lost = { status: 409, body: { code: 'too_many_streams', cause: 'taken_over' } }
    expect(await heartbeat(userId, ids[1] ?? '', { positionSeconds: 29 })).toMatchObject(lost)
    const ended = { endReason: 'taken_over', maxPositionSeconds: 29 }
    expect(await database.db.playbackSession.findMany({ where: { userId, NOT: { endedAt: null } } })).toMatchObject([ended])
    expect((await end(userId, taken)).status).toBe(204)
    expect(await heartbeat(userId, ids[1] ?? '')).toMatchObject({ status: 200 })
  })

  test('counts a device once: its next session replaces the previous one, which cannot take a second place', async () => {
    const { userId } = await newUser()
    const first = await startId(userId, { deviceId: 'tv' })
    const second = await startId(userId, { deviceId: 'tv' })
    expect(await database.db.playbackSession.findMany({ where: { userId, endedAt: null } })).toMatchObject([{ id: second }])
    const replaced = { code: 'too_many_streams', cause: 'replaced', sessions: [{ id: second }] }
    expect(await heartbeat(userId, first)).toMatchObject({ status: 409, body: replaced })
    const { userId: other } = await newUser()
    await startId(other, { deviceId: 'tv' })
    expect(await heartbeat(userId, second)).toMatchObject({ status: 200 })
  })

  test('comes from the product that gave access', async () => {
    const userId = `user-${++users}`
    const { db } = database
    await db.product.create({ data: { id: 'one-screen', name: 'One screen', maxStreams: 1 } })
    const purchase = {
      ...{ id: 'ptv_one_screen', userId, entityId: film, productId: 'one-screen', amount: 1, currency: 'usd', open: false },
      ...{ checkoutRequest: {}, checkoutDeadline: new Date() },
    }
    await db.purchase.create({ data: purchase })
    const grant = { id: `grant_${'0'.repeat(26)}`, userId, entityId: film, source: 'purchase' as const, purchaseId: purchase.id }
    await db.grant.create({ data: { ...grant, startsAt: new Date(Date.now() - 1_000) } })
    await startId(userId)
    expect(await start(userId)).toMatchObject({ status: 409 })
  })

  test('does not count a session 90 seconds after its last heartbeat', async () => {
    const { userId } = await newUser()
    const ids = [await startId(userId), await startId(userId), await startId(userId)]
    await expireLease(ids[0] ?? '')
    expect(await start(userId)).toMatchObject({ status: 200 })
    expect((await heartbeat(userId, ids[0] ?? '')).body).toMatchObject({ cause: 'limit', sessions: { length: 3 } })
    await end(userId, ids[1] ?? '')
    expect(await heartbeat(userId, ids[0] ?? '')).toMatchObject({ status: 200 })
    expect(await start(userId)).toMatchObject({ status: 409 })
  })
})

describe('a heartbeat', () => {
  test('returns the same token, without signing a new one, until it is about to expire, and keeps the furthest position', async () => {
    const { userId } = await newUser()
    const { body } = await start(userId)
    const before = signatures
    for (const positionSeconds of [30.5, 90, 60]) {
      const beat = await heartbeat(userId, body.sessionId, { positionSeconds })
      expect(beat).toEqual({ status: 200, body: { url: null, token: body.token, expiresAt: body.expiresAt } })
    }
    expect(signatures).toBe(before)
    const row = await database.db.playbackSession.findUniqueOrThrow({ where: { id: body.sessionId } })
    expect(row).toMatchObject({ maxPositionSeconds: 90, address: '203.0.113.0/24', device: 'Chrome on Windows' })
  })

  test('to another server gets a token that is signed there', async () => {
    const { userId } = await newUser()
    const id = await startId(userId)
    const first = await heartbeat(userId, id, {}, 1)
    expect(first).toMatchObject({ status: 200, body: { token: expect.any(String) } })
    expect(await heartbeat(userId, id, {}, 1)).toEqual(first)
  })

  test('after access was revoked gets 403, and frees the place', async () => {
    const { userId, grantId } = await newUser()
    const id = await startId(userId)
    await revokeGrant(database.db, grantId, { reason: 'test', by: 'test' })
    expect(await heartbeat(userId, id)).toMatchObject({ status: 403, body: { code: 'no_access' } })
    expect(await database.db.playbackSession.findUnique({ where: { id } })).toMatchObject({ endReason: 'no_access' })
  })

  test('of an expired rental does not start the clock of the next rental', async () => {
    const userId = `user-${++users}`
    const first = await startRental(userId)
    const id = await startId(userId)
    const next = await startRental(userId)
    const hoursAgo = new Date(Date.now() - 49 * 3_600_000)
    await database.db.grant.update({ where: { id: first.id }, data: { startsAt: hoursAgo, firstPlayedAt: hoursAgo } })
    expect(await heartbeat(userId, id)).toMatchObject({ status: 403, body: { code: 'no_access' } })
    expect((await database.db.grant.findUniqueOrThrow({ where: { id: next.id } })).firstPlayedAt).toBeNull()
    expect(await start(userId)).toMatchObject({ status: 200 })
  })

  test('records the first playback of the grant that takes over, once, after the played grant has ended', async () => {
    const { userId, grantId } = await newUser()
    const id = await startId(userId)
    const { grantId: next } = await newUser({ userId })
    const { id: rental } = await startRental(userId)
    const firstPlayedAt = async (grant: string) =>
      (await database.db.grant.findUniqueOrThrow({ where: { id: grant } })).firstPlayedAt
    expect(await heartbeat(userId, id)).toMatchObject({ status: 200 })
    expect(await firstPlayedAt(next)).toBeNull()
    await revokeGrant(database.db, grantId, { reason: 'test', by: 'test' })
    expect(await heartbeat(userId, id)).toMatchObject({ status: 200 })
    const recorded = await firstPlayedAt(next)
    expect(recorded).toEqual(expect.any(Date))
    expect(await heartbeat(userId, id)).toMatchObject({ status: 200 })
    expect(await firstPlayedAt(next)).toEqual(recorded)
    expect(await firstPlayedAt(rental)).toBeNull()
  })

  test('for a session that its player has ended, or that belongs to another user, gets 404', async () => {
    const { userId } = await newUser()
    const { userId: other } = await newUser()
    const id = await startId(userId)
    expect(await heartbeat(other, id)).toMatchObject({ status: 404, body: { code: 'playback_session_not_found' } })
    expect(await end(other, id)).toMatchObject({ status: 404, body: { code: 'playback_session_not_found' } })
    expect(await heartbeat(userId, id)).toMatchObject({ status: 200 })
    expect([(await end(userId, id)).status, (await end(userId, id)).status]).toEqual([204, 204])
    for (const unknown of [id, 'nope']) expect(await heartbeat(userId, unknown)).toMatchObject({ status: 404 })
    expect(await end(userId, 'nope')).toMatchObject({ status: 404 })
  })
})

test('the end of a session records its last position, if the player sends one', async () => {
  const { userId } = await newUser()
  const id = await startId(userId)
  const position = async () => (await database.db.playbackSession.findUniqueOrThrow({ where: { id } })).maxPositionSeconds
  for (const query of ['?positionSeconds=-1', '?positionSeconds=x'])
    expect(await end(userId, id, query)).toMatchObject({ status: 400, body: { errors: [{ field: 'positionSeconds' }] } })
  expect([(await end(userId, id, '?positionSeconds=12.8')).status, await position()]).toEqual([204, 12])
  expect([(await end(userId, id)).status, await position()]).toEqual([204, 12])
})
