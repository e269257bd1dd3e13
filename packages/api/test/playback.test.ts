import { createLocalJWKSet, decodeProtectedHeader, exportJWK, generateKeyPair, jwtVerify } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { createPlayback, PlaybackKey } from '../src/access/playback.ts'

const issuer = 'https://api.test'
let old: PlaybackKey
let fresh: PlaybackKey

const newKey = async (kid: string): Promise<PlaybackKey> => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return PlaybackKey.parse({ ...(await exportJWK(privateKey)), kid })
}

beforeAll(async () => {
  ;[old, fresh] = await Promise.all([newKey('old'), newKey('fresh')])
})

const signer = async (keys: PlaybackKey[]) => {
  const playback = await createPlayback({ issuer, keys, lifetime: 300 })
  if (!playback) throw new Error('There are keys')
  return playback
}

const film = { userId: 'alice', entityId: 'vid_1' }
const options = { issuer, audience: 'playback', algorithms: ['ES256'] }

describe('a playback token', () => {
  test('says who may see what, for five minutes, and no two are the same', async () => {
    const { sign, publicKeys } = await signer([fresh])
    const signed = await sign({ ...film, accessEnds: null })
    const { payload } = await jwtVerify(signed?.token ?? '', createLocalJWKSet(JSON.parse(JSON.stringify(publicKeys))), options)
    expect(payload).toEqual({
      ...{ iss: issuer, aud: 'playback', sub: 'alice', entityId: 'vid_1' },
      ...{ iat: expect.any(Number), exp: expect.any(Number), jti: expect.any(String) },
    })
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300)
    expect(payload.exp).toBe(signed?.expiresAt)
    expect((await sign({ ...film, accessEnds: null }))?.token).not.toBe(signed?.token)
  })

  test('never lasts longer than the access, and there is none for access that is over', async () => {
    const { sign } = await signer([fresh])
    const ends = Date.now() + 90_999
    expect((await sign({ ...film, accessEnds: ends }))?.expiresAt).toBe(Math.floor(ends / 1000))
    expect(await sign({ ...film, accessEnds: Date.now() })).toBeNull()
    expect(await sign({ ...film, accessEnds: Date.now() - 60_000 })).toBeNull()
  })
})

describe('the keys', () => {
  test('are published without their private part', async () => {
    const { publicKeys } = await signer([fresh, old])
    expect(publicKeys.keys).toEqual([
      { kty: 'EC', crv: 'P-256', x: fresh.x, y: fresh.y, kid: 'fresh', alg: 'ES256', use: 'sig' },
      { kty: 'EC', crv: 'P-256', x: old.x, y: old.y, kid: 'old', alg: 'ES256', use: 'sig' },
    ])
  })

  test('the first signs; a token of the one before is good while that is published', async () => {
    const before = await (await signer([old])).sign({ ...film, accessEnds: null })
    const { sign, publicKeys } = await signer([fresh, old])
    const after = await sign({ ...film, accessEnds: null })
    expect(decodeProtectedHeader(after?.token ?? '')).toMatchObject({ alg: 'ES256', kid: 'fresh' })
    const known = createLocalJWKSet(JSON.parse(JSON.stringify(publicKeys)))
    for (const signed of [before, after]) await jwtVerify(signed?.token ?? '', known, options)
    const gone = createLocalJWKSet(JSON.parse(JSON.stringify((await signer([fresh])).publicKeys)))
    await expect(jwtVerify(before?.token ?? '', gone, options)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' })
  })

  test('none: no tokens', async () => {
    expect(await createPlayback({ issuer, keys: [], lifetime: 300 })).toBeNull()
  })
})
