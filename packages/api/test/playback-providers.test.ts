import { createHash, createVerify, generateKeyPairSync } from 'node:crypto'
import { parseEnvironment } from '@pay-to-view/environment'
import { decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { checkPlaybackKeys, providerEnvironment } from '../src/playback/environment.ts'
import type { ProviderKind, Sources } from '../src/playback/provider.ts'
import { signBunnyPath } from '../src/playback/providers/bunny-cdn.ts'
import { createPlaybackProviders } from '../src/playback/providers/index.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
const toBase64 = (text: string): string => Buffer.from(text).toString('base64')
const jwk = toBase64(JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'cf-key', alg: 'RS256' }))

const environment = z.object(providerEnvironment).superRefine(checkPlaybackKeys)
const keys = {
  ...{ MUX_SIGNING_KEY_ID: 'mux-key', MUX_SIGNING_PRIVATE_KEY: toBase64(pem) },
  ...{ CLOUDFLARE_STREAM_CUSTOMER_CODE: 'abc123', CLOUDFLARE_STREAM_KEY_ID: 'cf-key', CLOUDFLARE_STREAM_SIGNING_KEY: jwk },
  ...{ BUNNY_STREAM_TOKEN_KEY: 'stream-key', BUNNY_CDN_HOST: 'films.b-cdn.net', BUNNY_CDN_TOKEN_KEY: 'SecurityKey' },
  ...{ CLOUDFRONT_HOST: 'd111.cloudfront.net', CLOUDFRONT_KEY_PAIR_ID: 'K2JCJMDEHXQW5F', CLOUDFRONT_PRIVATE_KEY: pem },
  JW_API_SECRET: 'jw-secret',
}

/** Seconds since the epoch. */
const expiresAt = Math.floor(Date.now() / 1000) + 300

const sign = async <Kind extends ProviderKind>(kind: Kind, source: Sources[Kind]) => {
  const provider = (await createPlaybackProviders(parseEnvironment(environment, keys), null))[kind]
  if (!provider) throw new Error(`Expected ${kind} to have keys`)
  const request = { source, userId: 'alice', entityId: 'film', expiresAt }
  const signed = await provider.sign(request)
  return { ...signed, url: signed.url ?? '', thumbnailUrl: await provider.thumbnailUrl?.(request, signed) }
}

/** Reverses CloudFront's encoding, which replaces + = / with - _ ~. */
const fromCloudFront = (text: string | null): Buffer =>
  Buffer.from((text ?? '').replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/'), 'base64')

describe('mux', () => {
  test("accepts the film's token and the thumbnail's token, each with its own audience", async () => {
    const { url, token, thumbnailUrl = '' } = await sign('mux', { playbackId: 'abc' })
    expect(url).toBe(`https://stream.mux.com/abc.m3u8?token=${token}`)
    const { payload } = await jwtVerify(token, publicKey, { algorithms: ['RS256'], audience: 'v', subject: 'abc' })
    expect(payload).toEqual({ sub: 'abc', aud: 'v', exp: expiresAt, kid: 'mux-key' })
    const thumbnail = new URL(thumbnailUrl)
    expect(thumbnail.origin + thumbnail.pathname).toBe('https://image.mux.com/abc/thumbnail.jpg')
    const ofThumbnail = thumbnail.searchParams.get('token') ?? ''
    const options = { algorithms: ['RS256'], audience: 't', subject: 'abc' }
    expect((await jwtVerify(ofThumbnail, publicKey, options)).payload).toMatchObject({ kid: 'mux-key', exp: expiresAt })
  })
})

describe('cloudflare', () => {
  test('accepts the token in place of the id', async () => {
    const { url, token, thumbnailUrl } = await sign('cloudflare', { uid: 'video' })
    expect([url, thumbnailUrl]).toEqual([
      `https://customer-abc123.cloudflarestream.com/${token}/manifest/video.m3u8`,
      `https://customer-abc123.cloudflarestream.com/${token}/thumbnails/thumbnail.jpg`,
    ])
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', kid: 'cf-key' })
    const { payload } = await jwtVerify(token, publicKey, { algorithms: ['RS256'], subject: 'video' })
    expect(payload).toEqual({ sub: 'video', kid: 'cf-key', exp: expiresAt })
  })
})

describe('bunny', () => {
  // Test vectors from Bunny's documentation.
  const vector = { path: '/300kb.jpg', expires: 1_598_024_587 }
  test.each([
    [vector, 'HS256-o10JRWlsAItyAsdKS6jJKjabHN4FrFsplDHPV1idcX4'],
    [{ ...vector, tokenPath: '/abc' }, 'HS256-uVZvT3SbEoVKYJyDJgbcsDmSFf73cv-uNUVaJiKWpbQ'],
    [{ ...vector, address: '1.2.3.4' }, 'HS256-1-L2rISTLcujMY9UFf2tbZ41d5i-Bme1g1oTK_Z2QMLJk'],
  ])('signs %j as its CDN expects', (signed, token) => {
    expect(signBunnyPath('SecurityKey', signed)).toBe(token)
  })

  test('the signature of a playlist covers its folder and is in the path; the signature of a single file is in the query', async () => {
    const playlist = await sign('bunny_cdn', { path: 'films/1/playlist.m3u8' })
    const token = signBunnyPath('SecurityKey', { path: '', expires: expiresAt, tokenPath: '/films/1/' })
    const folder = `bcdn_token=${token}&expires=${expiresAt}&token_path=%2Ffilms%2F1%2F`
    expect(playlist).toMatchObject({ token, url: `https://films.b-cdn.net/${folder}/films/1/playlist.m3u8` })
    const file = await sign('bunny_cdn', { path: '/films/1.mp4' })
    const ofFile = signBunnyPath('SecurityKey', { path: '/films/1.mp4', expires: expiresAt })
    expect(file.url).toBe(`https://films.b-cdn.net/films/1.mp4?token=${ofFile}&expires=${expiresAt}`)
  })

  test('the embedded player gets a hash of key, video and expiry', async () => {
    const { url, token } = await sign('bunny_stream', { libraryId: 7, videoId: 'v1' })
    expect(token).toBe(createHash('sha256').update(`stream-keyv1${expiresAt}`).digest('hex'))
    expect(url).toBe(`https://iframe.mediadelivery.net/embed/7/v1?token=${token}&expires=${expiresAt}`)
  })
})

describe('cloudfront', () => {
  test.each([
    ['/films/1/master.m3u8', 'https://d111.cloudfront.net/films/1/*'],
    ['films/1.mp4', 'https://d111.cloudfront.net/films/1.mp4'],
    ['/master.m3u8', 'https://d111.cloudfront.net/master.m3u8'],
  ])('accepts the policy of %s, which covers %s', async (path, resource) => {
    const { url, token } = await sign('cloudfront', { path })
    const { origin, pathname, searchParams, search } = new URL(url)
    expect([origin + pathname, search]).toEqual([`https://d111.cloudfront.net/${path.replace(/^\//, '')}`, `?${token}`])
    const policy = fromCloudFront(searchParams.get('Policy'))
    const condition = { DateLessThan: { 'AWS:EpochTime': expiresAt } }
    expect(policy.toString()).toBe(JSON.stringify({ Statement: [{ Resource: resource, Condition: condition }] }))
    expect(searchParams.get('Key-Pair-Id')).toBe('K2JCJMDEHXQW5F')
    const signature = fromCloudFront(searchParams.get('Signature'))
    expect(createVerify('RSA-SHA1').update(policy).verify(publicKey, signature)).toBe(true)
  })
})

// A path that is not encoded may contain percent signs. In Bunny's paths, characters that a URL's path may contain are not encoded.
test.each([
  ['films/what%3F/master.m3u8', '/films/what%3F/'],
  ['films/50%2525%23%2b+1,2/a%2fb/master.m3u8', '/films/50%2525%23%2B%2B1%2C2/a%2Fb/', '/films/50%2525%23++1,2/a%2Fb/'],
  ['films/%C3%BCber%20uns/ü/master.m3u8', '/films/%C3%BCber%20uns/%C3%BC/'],
  ['films/100%/%3F/master.m3u8', '/films/100%25/%253F/'],
])('the path %s is encoded only once: %s', async (path, folder, bunnyFolder = folder) => {
  const { url } = await sign('bunny_cdn', { path })
  expect(url).toContain(`token_path=${encodeURIComponent(bunnyFolder)}${bunnyFolder}master.m3u8`)
  const { origin, pathname, searchParams } = new URL((await sign('cloudfront', { path })).url)
  expect(origin + pathname).toBe(`https://d111.cloudfront.net${folder}master.m3u8`)
  expect(fromCloudFront(searchParams.get('Policy')).toString()).toContain(`"https://d111.cloudfront.net${folder}*"`)
})

test('jw accepts the token of the media', async () => {
  const { url, token } = await sign('jw', { mediaId: 'm1' })
  expect(url).toBe(`https://cdn.jwplayer.com/v2/media/m1?token=${token}`)
  const { payload } = await jwtVerify(token, new TextEncoder().encode('jw-secret'), { algorithms: ['HS256'] })
  expect(payload).toEqual({ resource: '/v2/media/m1', exp: expiresAt })
})

describe('the keys', () => {
  const parse = (env: object) => parseEnvironment(environment, { ...env })

  test('without any keys, there is no provider', async () => {
    expect(Object.values(await createPlaybackProviders(parse({}), null)).every((provider) => provider === null)).toBe(true)
  })

  test.each([
    [{ MUX_SIGNING_KEY_ID: 'a' }, 'MUX_SIGNING_PRIVATE_KEY: Expected a value, because MUX_SIGNING_KEY_ID is set'],
    [{ PLAYBACK_KEYS: '{}' }, 'PLAYBACK_KEYS.keys: Expected a JWKS, { "keys": [ … ] }'],
    [{ PLAYBACK_KEYS: '[]' }, 'PLAYBACK_KEYS: Expected a JWKS, { "keys": [ … ] }'],
    [{ ...keys, CLOUDFRONT_HOST: '' }, 'CLOUDFRONT_HOST: Expected a value, because CLOUDFRONT_KEY_PAIR_ID is set'],
    [{ ...keys, MUX_SIGNING_PRIVATE_KEY: 'secret' }, /^MUX_SIGNING_PRIVATE_KEY: Expected a private RSA key/],
    [{ ...keys, BUNNY_CDN_HOST: 'https://films.b-cdn.net' }, /^BUNNY_CDN_HOST: Expected a host name/],
    [
      {
        ...keys,
        CLOUDFRONT_PRIVATE_KEY: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
          type: 'pkcs8',
          format: 'pem',
        }),
      },
      /^CLOUDFRONT_PRIVATE_KEY: Expected a private RSA key of at least 2048 bits/,
    ],
  ])('a variable that is missing or invalid is named, without its value', (env, message) => {
    expect(() => parse(env)).toThrow(message)
  })
})
