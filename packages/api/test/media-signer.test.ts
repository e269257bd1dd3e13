import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createMediaSigner, type MediaRequest } from '../src/playback/media.ts'
import type { PlaybackProvider, ProviderKind } from '../src/playback/provider.ts'

const start = Date.UTC(2027, 0, 1)
let signatures = 0

/** A provider whose tokens are numbered. */
const numbered = <Kind extends ProviderKind>(options: Partial<PlaybackProvider<Kind>> = {}): PlaybackProvider<Kind> => ({
  swapsTokens: false,
  sign: async () => ({ url: null, token: `token-${++signatures}` }),
  ...options,
})

const signer = () =>
  createMediaSigner(
    {
      own: numbered({ swapsTokens: true }),
      mux: numbered({ thumbnailUrl: async (_request, { token }) => `image?${token}` }),
      cloudflare: numbered({ maxTokenSeconds: 24 * 3_600 }),
      ...{ bunny_stream: null, bunny_cdn: null, cloudfront: null, jw: null },
    },
    300,
  )

const own = { playback: null, durationSeconds: null }
const mux = { playback: JSON.stringify({ provider: 'mux', playbackId: 'a' }), durationSeconds: 6_000 }
const request = (changes: Partial<MediaRequest> = {}): MediaRequest => ({
  ...{ sessionId: 'one', userId: 'alice', entityId: 'film', stored: own, accessEndsAt: null, positionSeconds: 0 },
  ...changes,
})
const secondsFromStart = (seconds: number | undefined): number => (seconds ?? 0) - start / 1000

beforeEach(() => {
  signatures = 0
  vi.useFakeTimers({ now: start })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the lifetime of a token', () => {
  test.each<[string, Partial<MediaRequest>, number]>([
    ['is the configured lifetime if the player can replace tokens', {}, 300],
    ['ends when access ends', { accessEndsAt: start + 90_999 }, 90],
    ['covers the rest of the film if the player cannot replace tokens', { stored: mux, positionSeconds: 1_000 }, 5_300],
    [
      'covers four hours if the player cannot replace tokens and the duration of the film is not known',
      { stored: { ...mux, durationSeconds: null } },
      4 * 3_600 + 300,
    ],
    ['ends when access ends, even if the player cannot replace tokens', { stored: mux, accessEndsAt: start + 60_000 }, 60],
    [
      'is at most the maximum of the provider',
      { stored: { playback: JSON.stringify({ provider: 'cloudflare', uid: 'a' }), durationSeconds: 100_000 } },
      86_400,
    ],
  ])('%s', async (_name, changes, seconds) => {
    expect(secondsFromStart((await signer().sign(request(changes)))?.expiresAt)).toBe(seconds)
  })

  test('is zero if access ends within the current second, so no token is signed', async () => {
    expect(await signer().sign(request({ accessEndsAt: start + 999 }))).toBeNull()
  })
})

describe('a token is signed again', () => {
  const signLater = async (seconds: number, changes: Partial<MediaRequest> = {}, first: Partial<MediaRequest> = changes) => {
    const { sign } = signer()
    await sign(request(first))
    vi.setSystemTime(start + seconds * 1000)
    return (await sign(request(changes)))?.token
  }

  test.each<[string, number, Partial<MediaRequest>, Partial<MediaRequest> | undefined, boolean]>([
    ['not until it is about to expire', 199, {}, undefined, false],
    ['when it expires within a third of its lifetime', 200, {}, undefined, true],
    ['not if it lasts until access ends', 250, { accessEndsAt: start + 300_000 }, undefined, false],
    ['if the access was extended', 250, { accessEndsAt: start + 900_000 }, { accessEndsAt: start + 300_000 }, true],
    ['if access now ends before the token', 10, { accessEndsAt: start + 60_000 }, {}, true],
    [
      'not during a film if it lasts until the end of the film',
      5_000,
      { stored: mux, positionSeconds: 5_000 },
      { stored: mux },
      false,
    ],
    ['for a viewer who paused', 6_250, { stored: mux, positionSeconds: 3_000 }, { stored: mux }, true],
    ['if the location of the film has changed', 10, { stored: mux }, {}, true],
    ['for another session', 10, { sessionId: 'two' }, {}, true],
  ])('%s', async (_name, seconds, changes, first, isNew) => {
    expect(await signLater(seconds, changes, first)).toBe(isNew ? 'token-2' : 'token-1')
  })
})

test('several heartbeats fit into even a short lifetime, so that each token is renewed in time', () => {
  const secondsOf = (lifetime: number) =>
    createMediaSigner(
      { own: null, mux: null, cloudflare: null, bunny_stream: null, bunny_cdn: null, cloudfront: null, jw: null },
      lifetime,
    ).heartbeatSeconds
  expect([10, 60, 300, 86_400].map(secondsOf)).toEqual([3, 20, 30, 30])
})

test('the thumbnail comes from the provider, or is null', async () => {
  const { sign, thumbnailUrl } = signer()
  for (const [stored, expected] of [
    [own, null],
    [mux, 'image?token-2'],
  ] as const) {
    const signed = await sign(request({ stored }))
    expect(signed && (await thumbnailUrl(request({ stored }), signed))).toBe(expected)
  }
})
