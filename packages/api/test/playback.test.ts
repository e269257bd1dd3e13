import { createLocalJWKSet, decodeProtectedHeader, exportJWK, generateKeyPair, jwtVerify } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { createPlayback, PlaybackKey } from '../src/access/playback.ts'

const issuer = 'https://api.test'
let oldKey: PlaybackKey
let newKey: PlaybackKey

const generateKey = async (kid: string): Promise<PlaybackKey> => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return PlaybackKey.parse({ ...(await exportJWK(privateKey)), kid })
}

beforeAll(async () => {
  ;[oldKey, newKey] = await Promise.all([generateKey('old'), generateKey('new')])
})

const requirePlayback = async (keys: PlaybackKey[]) => {
  const playback = await createPlayback({ issuer, keys, lifetimeSeconds: 300 })
  if (!playback) throw new Error('Expected a signer, because there are keys')
  return playback
}

const film = { userId: 'alice', entityId: 'vid_1' }
const options = { issuer, audience: 'playback', algorithms: ['ES256'] }

describe('a playback token', () => {
  test('contains the user and the entity, lasts five minutes, and is unique', async () => {
    const { sign, publicKeys } = await requirePlayback([newKey])
    const signed = await sign({ ...film, accessEndsAt: null })
    const { payload } = await jwtVerify(signed?.token ?? '', createLocalJWKSet(JSON.parse(JSON.stringify(publicKeys))), options)
    expect(payload).toEqual({
      ...{ iss: issuer, aud: 'playback', sub: 'alice', entityId: 'vid_1' },
      ...{ iat: expect.any(Number), exp: expect.any(Number), jti: expect.any(String) },
    })
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300)
    expect(payload.exp).toBe(signed?.expiresAt)
    expect((await sign({ ...film, accessEndsAt: null }))?.token).not.toBe(signed?.token)
  })

  test('never outlives the access, and is not issued for expired access', async () => {
    const { sign } = await requirePlayback([newKey])
    const accessEndsAt = Date.now() + 90_999
    expect((await sign({ ...film, accessEndsAt }))?.expiresAt).toBe(Math.floor(accessEndsAt / 1000))
    expect(await sign({ ...film, accessEndsAt: Date.now() })).toBeNull()
    expect(await sign({ ...film, accessEndsAt: Date.now() - 60_000 })).toBeNull()
  })
})

describe('playback keys', () => {
  test('are published without their private part', async () => {
    const { publicKeys } = await requirePlayback([newKey, oldKey])
    expect(publicKeys.keys).toEqual([
      { kty: 'EC', crv: 'P-256', x: newKey.x, y: newKey.y, kid: 'new', alg: 'ES256', use: 'sig' },
      { kty: 'EC', crv: 'P-256', x: oldKey.x, y: oldKey.y, kid: 'old', alg: 'ES256', use: 'sig' },
    ])
  })

  test('only the first key signs; tokens of an older key are valid while it is published', async () => {
    const before = await (await requirePlayback([oldKey])).sign({ ...film, accessEndsAt: null })
    const { sign, publicKeys } = await requirePlayback([newKey, oldKey])
    const after = await sign({ ...film, accessEndsAt: null })
    expect(decodeProtectedHeader(after?.token ?? '')).toMatchObject({ alg: 'ES256', kid: 'new' })
    const bothKeys = createLocalJWKSet(JSON.parse(JSON.stringify(publicKeys)))
    for (const signed of [before, after]) await jwtVerify(signed?.token ?? '', bothKeys, options)
    const withoutOldKey = createLocalJWKSet(JSON.parse(JSON.stringify((await requirePlayback([newKey])).publicKeys)))
    await expect(jwtVerify(before?.token ?? '', withoutOldKey, options)).rejects.toMatchObject({
      code: 'ERR_JWKS_NO_MATCHING_KEY',
    })
  })

  test('without keys there is no signer', async () => {
    expect(await createPlayback({ issuer, keys: [], lifetimeSeconds: 300 })).toBeNull()
  })
})
