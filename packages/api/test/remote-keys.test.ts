import { createServer } from 'node:http'
import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createRemoteKeys, KeysUnavailableError, type RemoteKeysOptions } from '../src/auth/remote-keys.ts'

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>
const keyPairs = new Map<string, KeyPair>()

/** The state of the identity provider: the ids of its published keys, how it responds, and how often its keys were fetched. */
let published: string[]
let state: 'up' | 'failing' | 'frozen'
let fetches: number

const provider = createServer(async (_request, response) => {
  fetches += 1
  if (state === 'frozen') return
  const keys = published.map(async (kid) => ({ ...(await exportJWK(keyOf(kid).publicKey)), alg: 'ES256', kid }))
  response.writeHead(state === 'up' ? 200 : 500).end(JSON.stringify({ keys: await Promise.all(keys) }))
})
let url: URL

const keyOf = (kid: string): KeyPair => {
  const pair = keyPairs.get(kid)
  if (!pair) throw new Error(`There is no key ${kid}`)
  return pair
}

beforeAll(async () => {
  for (const kid of ['one', 'two']) keyPairs.set(kid, await generateKeyPair('ES256'))
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
  const address = provider.address()
  url = new URL(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/jwks.json`)
})
afterAll(() => {
  provider.closeAllConnections()
  provider.close()
})
beforeEach(() => {
  ;[published, state, fetches] = [['one'], 'up', 0]
})

/** Returns a function that verifies a token signed with the key that has the given id. */
const createVerify = (options: Partial<RemoteKeysOptions> = {}) => {
  const keys = createRemoteKeys(url, { cooldownMs: 60_000, ...options })
  return async (kid = 'one') => {
    const token = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid }).sign(keyOf(kid).privateKey)
    return jwtVerify(token, keys)
  }
}

const elapsedMs = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

test('the keys are fetched once for many concurrent tokens', async () => {
  const verify = createVerify()
  await Promise.all(Array.from({ length: 20 }, () => verify()))
  await verify()
  expect(fetches).toBe(1)
})

test('unknown key ids cause at most one fetch per cooldown', async () => {
  const verify = createVerify()
  await verify()
  for (let attempt = 0; attempt < 5; attempt++)
    await expect(verify('two')).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' })
  expect(fetches).toBe(1)
})

test.each(['failing', 'frozen'] as const)(
  'old keys stay valid while the provider is %s, and only one token waits',
  async (outage) => {
    const outcomes: string[] = []
    const verify = createVerify({ maxAgeMs: 0, onFetch: (outcome) => outcomes.push(outcome) })
    await verify()
    state = outage
    await verify()
    const duration = await elapsedMs(async () => {
      for (let attempt = 0; attempt < 50; attempt++) await verify()
    })
    expect(duration).toBeLessThan(1_000)
    expect(outcomes).toEqual(['ok', 'failed'])
    expect(fetches).toBe(2)
  },
)

test.each(['failing', 'frozen'] as const)('without any keys tokens fail fast while the provider is %s', async (outage) => {
  state = outage
  const verify = createVerify()
  await expect(verify()).rejects.toBeInstanceOf(KeysUnavailableError)
  const duration = await elapsedMs(async () => {
    for (let attempt = 0; attempt < 50; attempt++) await expect(verify()).rejects.toBeInstanceOf(KeysUnavailableError)
  })
  expect(duration).toBeLessThan(1_000)
  expect(fetches).toBe(1)
})

test('during an outage a token with an unknown key id is not called invalid', async () => {
  const verify = createVerify({ cooldownMs: 0 })
  await verify()
  state = 'failing'
  published = ['one', 'two']
  await expect(verify('two')).rejects.toBeInstanceOf(KeysUnavailableError)
  await verify()
})

test('keys that cannot be refreshed are used at most for the maximum stale time', async () => {
  const verify = createVerify({ maxAgeMs: 0, maxStaleMs: 0 })
  await verify()
  state = 'failing'
  await expect(verify()).rejects.toBeInstanceOf(KeysUnavailableError)
})

test('the first token after the outage gets the new keys', async () => {
  const verify = createVerify({ maxAgeMs: 0, retryDelayMs: 0 })
  state = 'failing'
  await expect(verify()).rejects.toBeInstanceOf(KeysUnavailableError)
  state = 'up'
  published = ['two']
  await verify('two')
  await expect(verify('one')).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' })
})

test('a frozen provider holds up a later token for half a second', async () => {
  const verify = createVerify({ retryDelayMs: 0 })
  state = 'failing'
  await expect(verify()).rejects.toBeInstanceOf(KeysUnavailableError)
  state = 'frozen'
  const duration = await elapsedMs(() => expect(verify()).rejects.toBeInstanceOf(KeysUnavailableError))
  expect(duration).toBeLessThan(1_500)
})
