import { expect, test } from 'vitest'
import type { AccessState } from '../src/access/state.ts'
import { streamAccess } from '../src/access/stream-access.ts'

const entityId = 'vid_01m85eetz2e8qthwsqr5v0dh8g'
const noAccess: AccessState = {
  ...{
    entityId,
    hasAccess: false,
    startsAt: null,
    expiresAt: null,
    source: null,
    purchaseId: null,
    rental: null,
    nextRental: null,
    playbackEndsWithdrawal: false,
  },
}
const access: AccessState = { ...noAccess, hasAccess: true, purchaseId: 'ptv_01m85eetz2e8qthwsqr5v0dh8g' }

/** A stream whose access state the test changes and whose notifications the test sends. */
const openStream = (tokenExpiresAt = Date.now() + 3_600_000, maxJitterMs = 0) => {
  const listeners = new Set<() => void>()
  const entityListeners = new Set<() => void>()
  const [disconnected, stopping] = [new AbortController(), new AbortController()]
  const source = { state: noAccess, reads: 0 }
  const stream = streamAccess({
    read: async () => {
      source.reads++
      return source.state
    },
    subscribe: (listener, entityListener) => {
      listeners.add(listener)
      entityListeners.add(entityListener)
      return () => {
        listeners.delete(listener)
        entityListeners.delete(entityListener)
      }
    },
    maxJitterMs: () => maxJitterMs,
    tokenExpiresAt,
    disconnected: disconnected.signal,
    stopping: stopping.signal,
  })
  const notify = () => {
    for (const listener of listeners) listener()
  }
  const notifyEntity = () => {
    for (const listener of entityListeners) listener()
  }
  return { source, stream, listeners, notify, notifyEntity, disconnected, stopping }
}

test('a stream yields the current state first, then only changes', async () => {
  const { source, stream, notify } = openStream()
  expect((await stream.next()).value).toEqual(noAccess)
  const next = stream.next()
  notify()
  notify()
  source.state = access
  notify()
  expect((await next).value).toEqual(access)
})

test('a notification between two reads is not lost', async () => {
  const { source, stream, notify } = openStream()
  await stream.next()
  source.state = access
  notify()
  expect((await stream.next()).value).toEqual(access)
})

test('expiring access is reported without a notification', async () => {
  const { source, stream } = openStream()
  source.state = { ...access, expiresAt: new Date(Date.now() + 300).toISOString() }
  expect((await stream.next()).value).toMatchObject({ hasAccess: true })
  const next = stream.next()
  source.state = noAccess
  expect((await next).value).toEqual(noAccess)
  expect(source.reads).toBe(2)
})

test('the end of a rental is reported if another rental continues the access', async () => {
  const { source, stream } = openStream()
  const startsAt = new Date(Date.now() + 300).toISOString()
  const startBy = new Date(Date.now() + 3_600_000).toISOString()
  const rental = { watchWithinHours: 1, startedAt: startsAt }
  source.state = { ...access, expiresAt: startBy, rental, nextRental: { startsAt, startBy, watchWithinHours: 1 } }
  await stream.next()
  const next = stream.next()
  source.state = { ...access, expiresAt: startBy, rental: { ...rental, startedAt: null } }
  expect((await next).value).toMatchObject({ rental: { startedAt: null } })
  expect(source.reads).toBe(2)
})

test('access that lasts for years does not exceed the maximum timer delay of Node', async () => {
  const { source, stream, notify } = openStream(Date.now() + 400 * 86_400_000)
  source.state = { ...access, expiresAt: new Date(Date.now() + 300 * 86_400_000).toISOString() }
  await stream.next()
  const next = stream.next()
  notify()
  source.state = noAccess
  notify()
  expect((await next).value).toEqual(noAccess)
  expect(source.reads).toBeLessThan(5)
})

test('a disconnected client is unsubscribed', async () => {
  const { stream, listeners, disconnected } = openStream()
  await stream.next()
  expect(listeners.size).toBe(1)
  const next = stream.next()
  disconnected.abort()
  expect(await next).toEqual({ done: true, value: undefined })
  expect(listeners.size).toBe(0)
})

test('a stopping server and an expired token abort the stream, so that the client reconnects', async () => {
  const stopped = openStream()
  await stopped.stream.next()
  const next = stopped.stream.next()
  stopped.stopping.abort()
  await expect(next).rejects.toMatchObject({ name: 'AbortError' })
  expect(stopped.listeners.size).toBe(0)
  const expired = openStream(Date.now() + 300)
  await expired.stream.next()
  await expect(expired.stream.next()).rejects.toMatchObject({ name: 'AbortError' })
  expect(expired.listeners.size).toBe(0)
})

test('a failing read ends the stream with its error', async () => {
  const listeners = new Set<() => void>()
  const stream = streamAccess({
    read: async () => {
      throw new Error('unavailable')
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    maxJitterMs: () => 0,
    tokenExpiresAt: Date.now() + 1_000,
    disconnected: undefined,
    stopping: new AbortController().signal,
  })
  await expect(stream.next()).rejects.toThrow('unavailable')
  expect(listeners.size).toBe(0)
})

test('access that starts is reported without a notification, and never read before its start', async () => {
  const { source, stream } = openStream(undefined, 400)
  const startsAt = Date.now() + 300
  source.state = { ...noAccess, startsAt: new Date(startsAt).toISOString() }
  await stream.next()
  const next = stream.next()
  source.state = access
  expect((await next).value).toEqual(access)
  expect(Date.now()).toBeGreaterThanOrEqual(startsAt)
  expect(source.reads).toBe(2)
})

test('several changes that concern all users of the entity cause one read, within the jitter', async () => {
  const { source, stream, notifyEntity } = openStream(undefined, 200)
  await stream.next()
  const next = stream.next()
  source.state = access
  const notifiedAt = performance.now()
  for (let count = 0; count < 10; count++) notifyEntity()
  expect((await next).value).toEqual(access)
  expect(performance.now() - notifiedAt).toBeLessThan(2_000)
  expect(source.reads).toBe(2)
})
