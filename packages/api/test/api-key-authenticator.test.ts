import type { ActiveApiKey } from '@pay-to-view/db'
import { expect, test } from 'vitest'
import { createApiKeyAuthenticator } from '../src/index.ts'

/** A key that has the right form but does not exist. */
const secret = `ptvk_${'0'.repeat(42)}1`
const header = `Bearer ${secret}`
const stored: ActiveApiKey = { id: 'key_1', scopes: ['access:read'], rateLimit: 5, expiresAt: null, lastUsedAt: null }

const create = (find: (secret: string) => Promise<ActiveApiKey | null>) => {
  const clock = { now: 1_000_000, lookups: 0, uses: 0 }
  const authenticator = createApiKeyAuthenticator({
    find: (text) => {
      clock.lookups++
      return find(text)
    },
    onUse: () => clock.uses++,
    now: () => clock.now,
  })
  return { clock, ...authenticator }
}

test('a key is looked up once for concurrent calls, and again after a few seconds', async () => {
  const { authenticate, clock } = create(async () => stored)
  const callers = await Promise.all([1, 2, 3].map(() => authenticate(header)))
  expect(callers).toEqual(callers.map(() => ({ id: 'key_1', scopes: ['access:read'], rateLimit: 5 })))
  expect(clock).toMatchObject({ lookups: 1, uses: 1 })
  clock.now += 3_900
  await authenticate(header)
  expect(clock.lookups).toBe(1)
  clock.now += 200
  await authenticate(header)
  expect(clock.lookups).toBe(2)
})

test('a revoked key is rejected within 5 seconds, counted from the start of the lookup', async () => {
  let isRevoked = false
  const { authenticate, isKnown, clock } = create(async () => {
    const found = isRevoked ? null : stored
    clock.now += 900
    return found
  })
  await authenticate(header)
  isRevoked = true
  expect(isKnown(header)).toBe(true)
  clock.now += 4_100
  await expect(authenticate(header)).rejects.toMatchObject({ code: 'unauthorized' })
  expect(isKnown(header)).toBe(false)
})

test('a key that expires while it is cached is rejected', async () => {
  const { authenticate, clock } = create(async () => ({ ...stored, expiresAt: new Date(1_002_000) }))
  await authenticate(header)
  clock.now = 1_002_000
  await expect(authenticate(header)).rejects.toMatchObject({ code: 'unauthorized' })
})

test('a lookup that failed is not cached, and is not reported as an invalid key', async () => {
  let isAvailable = false
  const { authenticate } = create(async () => {
    if (!isAvailable) throw new Error('no connection')
    return stored
  })
  await expect(authenticate(header)).rejects.toThrow('no connection')
  isAvailable = true
  expect(await authenticate(header)).toMatchObject({ id: 'key_1' })
})

test.each([`${header}x`, 'Bearer ptvk_', `Bearer ptvk_${'-'.repeat(43)}`])('%s is rejected without a lookup', async (text) => {
  const { authenticate, clock } = create(async () => stored)
  await expect(authenticate(text)).rejects.toMatchObject({ code: 'unauthorized' })
  expect(clock.lookups).toBe(0)
})

test.each([undefined, '', 'Bearer a.b.c', `Basic ${secret}`])('%s is not an API key', async (text) => {
  const { authenticate, clock } = create(async () => stored)
  expect(await authenticate(text)).toBeNull()
  expect(clock.lookups).toBe(0)
})
