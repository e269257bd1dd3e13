import { TRPCClientError } from '@trpc/client'
import { vi } from 'vitest'
import type { KnownAccess, PlaybackCalls } from '../src/playback/calls.ts'
import type { PageEvents } from '../src/playback/page.ts'
import { type PlaybackState, runPlaybackSession, type SessionOptions } from '../src/playback/session.ts'

// The server and the page are simulated, because the tests move the clock. apps/web/test/player.test.ts uses the real server and page.

export const problem = (status: number, code: string, more: object = {}) =>
  TRPCClientError.from({
    error: { code: -32603, message: code, data: { problem: { status, code, ...more } } },
  })
export const offline = () => new TypeError('Failed to fetch')
export const noAccess = () => problem(403, 'no_access')

export const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()

export const startSession = (options: Partial<SessionOptions> = {}) => {
  const states: PlaybackState[] = []
  let page: PageEvents | null = null
  let pushAccess: (access: KnownAccess) => void = () => undefined
  let tokens = 0
  const media = () => ({ url: 'https://media.test/film.m3u8', token: `token-${++tokens}`, expiresAt: inSeconds(300) })
  const calls = {
    start: vi.fn<PlaybackCalls['start']>(async () => ({
      ...{ sessionId: `play_${tokens + 1}`, provider: 'own', thumbnailUrl: null, heartbeatSeconds: 30 },
      ...media(),
    })),
    heartbeat: vi.fn<PlaybackCalls['heartbeat']>(async () => media()),
    end: vi.fn<PlaybackCalls['end']>(async () => undefined),
    purchaseStatus: vi.fn<PlaybackCalls['purchaseStatus']>(async () => 'Completed'),
    checkAccess: vi.fn<PlaybackCalls['checkAccess']>(async () => ({ hasAccess: true, expiresAt: null, purchaseId: null })),
    watchAccess: (_entityId: string, listener: (access: KnownAccess) => void) => {
      pushAccess = listener
      return () => undefined
    },
  }
  const session = runPlaybackSession({
    ...{ entityId: 'film', deviceId: 'laptop', calls, random: () => 1 },
    watchPage: (events) => {
      page = events
      return () => {
        page = null
      }
    },
    onChange: (state) => states.push(state),
    ...options,
  })
  return {
    session,
    calls,
    states,
    page: () => page,
    pushAccess: (access: KnownAccess) => pushAccess(access),
    token: () => ('source' in session.state ? session.state.source.token : null),
  }
}

export const run = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000)
