import type { StoredMedia } from '@pay-to-view/db'
import { LRUCache } from 'lru-cache'
import { playbackSource } from '../entities/playback-source.ts'
import { ApiError } from '../errors.ts'
import type { PlaybackProvider, PlaybackProviders, ProviderName, SignedUrl, Source, Sources } from './provider.ts'

/** Assumed for a film whose `durationSeconds` is not set. */
const unknownDurationSeconds = 4 * 3_600

/** Sessions whose current token this process keeps. Beyond that, a heartbeat signs a new token. */
const maxKeptTokens = 20_000

export interface MediaRequest {
  sessionId: string
  userId: string
  entityId: string
  stored: StoredMedia
  /** Milliseconds since the epoch; null for permanent access. */
  accessEndsAt: number | null
  positionSeconds: number
}

export interface SignedMedia extends SignedUrl {
  provider: ProviderName
  /** Seconds since the epoch. */
  expiresAt: number
}

export interface MediaSigner {
  /** Players send a heartbeat this often, so that several precede the expiry of a token. */
  heartbeatSeconds: number
  /** Throws if this server has no keys of the provider. */
  requireProvider(stored: StoredMedia): void
  /** Returns the current token of a session, or a new one if it expires soon. Null if access ends within the current second. */
  sign(request: MediaRequest): Promise<SignedMedia | null>
}

const readSource = ({ playback }: StoredMedia): Source =>
  playback === null ? { provider: 'own', url: null } : playbackSource.parse(JSON.parse(playback))

/** Signs what a player needs to play, with tokens that are as short as the provider allows and never outlive the access. */
export const createMediaSigner = (providers: PlaybackProviders, lifetimeSeconds: number): MediaSigner => {
  const heartbeatSeconds = Math.min(30, Math.max(1, Math.floor(lifetimeSeconds / 3)))
  /** A token that expires within this time is replaced, so that a player may miss a heartbeat. */
  const renewWithinSeconds = Math.max(lifetimeSeconds / 3, 2 * heartbeatSeconds)
  // In memory only: the database contains no tokens. Another server that gets a heartbeat signs a token of its own, once per lifetime.
  const kept = new LRUCache<string, { stored: StoredMedia; media: SignedMedia }>({ max: maxKeptTokens })

  const providerOf = <Name extends ProviderName>(name: Name): PlaybackProvider<Name> => {
    const provider: PlaybackProviders[Name] | null = providers[name]
    if (provider) return provider
    if (name === 'own') throw new ApiError('playback_not_configured')
    throw new ApiError('playback_provider_not_configured')
  }

  const expiryOf = <Name extends ProviderName>(
    { swapsTokens, maxTokenSeconds = Number.POSITIVE_INFINITY }: PlaybackProvider<Name>,
    { stored, accessEndsAt, positionSeconds }: MediaRequest,
    now: number,
  ): number => {
    const remainingSeconds = Math.max(0, (stored.durationSeconds ?? unknownDurationSeconds) - positionSeconds)
    const seconds = Math.min(maxTokenSeconds, lifetimeSeconds + (swapsTokens ? 0 : Math.ceil(remainingSeconds)))
    // Rounded down, so that the token never outlives the access.
    return Math.min(now + seconds, accessEndsAt === null ? Number.POSITIVE_INFINITY : Math.floor(accessEndsAt / 1000))
  }

  const signSource = async <Name extends ProviderName>(
    source: Sources[Name] & { provider: Name },
    request: MediaRequest,
    current: SignedMedia | undefined,
  ): Promise<SignedMedia | null> => {
    const provider = providerOf(source.provider)
    const now = Math.floor(Date.now() / 1000)
    const expiresAt = expiryOf(provider, request, now)
    if (expiresAt <= now) return null
    // The end of the access may have come closer, or may be what the current token is bounded by.
    if (
      current &&
      current.expiresAt <= expiresAt &&
      (current.expiresAt - now > renewWithinSeconds || current.expiresAt === expiresAt)
    )
      return current
    const { userId, entityId } = request
    return { provider: source.provider, ...(await provider.sign({ source, userId, entityId, expiresAt })), expiresAt }
  }

  return {
    heartbeatSeconds,
    requireProvider: (stored) => {
      providerOf(readSource(stored).provider)
    },
    sign: async (request) => {
      const { sessionId, stored } = request
      const entry = kept.get(sessionId)
      const current = entry?.stored.playback === stored.playback ? entry?.media : undefined
      const media = await signSource(readSource(stored), request, current)
      if (media && media !== current) kept.set(sessionId, { stored, media })
      return media
    },
  }
}
