import { AsyncLocalStorage } from 'node:async_hooks'
import { ApiError } from '@pay-to-view/api'
import { expect, test } from 'vitest'
import { createConcurrencyLimiter, createKeyedLimiter } from '../src/concurrency-limiter.ts'
import { addressKey, createKeyRateLimiter, createRateLimiter } from '../src/rate-limiter.ts'

/** Returns a call that stays pending until `finish` is called. */
const pendingCall = () => {
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  return { call: () => finished, finish }
}
const overloaded = { code: 'overloaded' }

test('calls above the concurrency are queued in order; calls above the queue size are rejected immediately', async () => {
  const limiter = createConcurrencyLimiter({ concurrency: 2, maxQueued: 2, queueTimeoutMs: 60_000 })
  const order: number[] = []
  const calls = [0, 1, 2, 3].map((number) => ({ ...pendingCall(), number }))
  const results = calls.map(({ call, number }) => limiter.run(() => call().then(() => order.push(number))))
  expect([limiter.running(), limiter.queued()]).toEqual([2, 2])
  await expect(limiter.run(async () => 'never')).rejects.toMatchObject(overloaded)
  for (const [index, { finish }] of calls.entries()) {
    finish()
    await results[index]
  }
  expect(order).toEqual([0, 1, 2, 3])
  expect([limiter.running(), limiter.queued()]).toEqual([0, 0])
  expect(await limiter.run(async () => 'available again')).toBe('available again')
})

test('a call that exceeds the queue timeout is rejected, never runs, and leaves the queue', async () => {
  const limiter = createConcurrencyLimiter({ concurrency: 1, maxQueued: 1, queueTimeoutMs: 20 })
  const first = pendingCall()
  const result = limiter.run(first.call)
  let hasRun = false
  await expect(
    limiter.run(async () => {
      hasRun = true
    }),
  ).rejects.toMatchObject(overloaded)
  expect(limiter.queued()).toBe(0)
  first.finish()
  await result
  expect([hasRun, limiter.running(), limiter.queued()]).toEqual([false, 0, 0])
})

test("one key's calls are queued, rejected when its queue is full, or rejected after the queue timeout; another key's calls run", async () => {
  const run = createKeyedLimiter({ concurrency: 1, maxQueued: 1, queueTimeoutMs: 20 })
  const first = pendingCall()
  const result = run('alice', first.call)
  const queued = run('alice', async () => 'never runs')
  await expect(run('alice', async () => 'rejected')).rejects.toMatchObject({ code: 'rate_limited' })
  expect(await run('bob', async () => 'runs')).toBe('runs')
  await expect(queued).rejects.toMatchObject(overloaded)
  first.finish()
  await result
  expect(await run('alice', async () => 'available again')).toBe('available again')
})

test('a failed call makes room for the next one', async () => {
  const limiter = createConcurrencyLimiter({ concurrency: 1, maxQueued: 1, queueTimeoutMs: 60_000 })
  const failing = limiter.run(() => Promise.reject(new ApiError('not_paid')))
  const next = limiter.run(async () => 'next')
  await expect(failing).rejects.toMatchObject({ code: 'not_paid' })
  expect(await next).toBe('next')
})

test('a queued call keeps the async context of its caller', async () => {
  const limiter = createConcurrencyLimiter({ concurrency: 1, maxQueued: 2, queueTimeoutMs: 60_000 })
  const storage = new AsyncLocalStorage<string>()
  const callers = await Promise.all(
    ['alice', 'bob', 'carol'].map((user) => storage.run(user, () => limiter.run(async () => storage.getStore()))),
  )
  expect(callers).toEqual(['alice', 'bob', 'carol'])
})

test('a key above the rate limit is rejected, but other keys are not; 0 means no limit', async () => {
  const count = createRateLimiter(3)
  for (const _ of [1, 2, 3]) await count('alice')
  await expect(count('alice')).rejects.toMatchObject({ code: 'rate_limited' })
  await expect(count('bob')).resolves.toBeUndefined()
  const unlimited = createRateLimiter(0)
  for (let calls = 0; calls < 1_000; calls++) await unlimited('alice')
})

test('an API key above its own limit, or else the default, is rejected; 0 means no limit', async () => {
  const count = createKeyRateLimiter(2)
  const key = (id: string, rateLimit: number | null) => ({ id, rateLimit, scopes: [] })
  for (const _ of [1, 2]) await count(key('a', null))
  await expect(count(key('a', null))).rejects.toMatchObject({ code: 'rate_limited' })
  for (const _ of [1, 2, 3]) await count(key('b', 3))
  await expect(count(key('b', 3))).rejects.toMatchObject({ code: 'rate_limited' })
  const unlimited = createKeyRateLimiter(0)
  for (let calls = 0; calls < 1_000; calls++) await unlimited(key('a', null))
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:db8::9', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
])('the address %s is counted as %s', (address, key) => {
  expect(addressKey(address)).toBe(key)
})
