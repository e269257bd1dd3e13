import type { StoredMedia } from '@pay-to-view/db'
import { LRUCache } from 'lru-cache'
import { ApiError } from '../errors.ts'
import {
  type PlaybackProvider,
  type PlaybackProviders,
  type ProviderKind,
  providerName,
  readSource,
  type SignedUrl,
  type SignRequest,
  type Sources,
} from './provider.ts'

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
  /** Seconds since the epoch. */
  expiresAt: number
}

export interface MediaSigner {
  /** Players send a heartbeat this often, so that several precede the expiry of a token. */
  heartbeatSeconds: number
  /** The name of the provider. Throws if this server has no keys for it. */
  requireProvider(stored: StoredMedia): ReturnType<typeof providerName>
  /** Returns the current token of a session, or a new one if it expires soon. Null if access ends within the current second. */
  sign(request: MediaRequest): Promise<SignedMedia | null>
  /** The image of the film, valid as long as its token; null if the provider has none. */
  thumbnailUrl(request: MediaRequest, signed: SignedMedia): Promise<string | null>
}

/** Signs what a player needs to play, with tokens that are as short as the provider allows and never outlive the access. */
export const createMediaSigner = (providers: PlaybackProviders, lifetimeSeconds: number): MediaSigner => {
  const heartbeatSeconds = Math.min(30, Math.max(1, Math.floor(lifetimeSeconds / 3)))
  /** A token that expires within this time is replaced, so that a player may miss a heartbeat. */
  const renewWithinSeconds = Math.max(lifetimeSeconds / 3, 2 * heartbeatSeconds)
  // In memory only: the database contains no tokens. Another server that gets a heartbeat signs a token of its own, once per lifetime.
  const kept = new LRUCache<string, { playback: string | null; media: SignedMedia }>({ max: maxKeptTokens })

  const requireKeys = <Kind extends ProviderKind>(kind: Kind): PlaybackProvider<Kind> => {
    const provider: PlaybackProviders[Kind] = providers[kind]
    if (provider) return provider
    throw new ApiError(kind === 'own' ? 'playback_not_configured' : 'playback_provider_not_configured')
  }

  const tokenSeconds = (
    { swapsTokens, maxTokenSeconds = Number.POSITIVE_INFINITY }: Pick<PlaybackProvider<never>, 'swapsTokens' | 'maxTokenSeconds'>,
    { stored, positionSeconds }: MediaRequest,
  ): number => {
    if (swapsTokens) return lifetimeSeconds
    const remaining = Math.max(0, (stored.durationSeconds ?? unknownDurationSeconds) - positionSeconds)
    // The lifetime leaves time for pauses.
    return Math.min(maxTokenSeconds, remaining + lifetimeSeconds)
  }

  const signSource = async <Kind extends ProviderKind>(
    { kind, source }: { kind: Kind; source: Sources[Kind] },
    request: MediaRequest,
    current: SignedMedia | undefined,
  ): Promise<SignedMedia | null> => {
    const provider = requireKeys(kind)
    const now = Math.floor(Date.now() / 1000)
    // Rounded down, so that the token never outlives the access.
    const accessEndsAt = request.accessEndsAt === null ? Number.POSITIVE_INFINITY : Math.floor(request.accessEndsAt / 1000)
    const expiresAt = Math.min(now + tokenSeconds(provider, request), accessEndsAt)
    if (expiresAt <= now) return null
    if (current && current.expiresAt <= accessEndsAt) {
      const expiresSoon = current.expiresAt - now <= renewWithinSeconds
      if (!expiresSoon || current.expiresAt >= expiresAt) return current
    }
    return { ...(await provider.sign({ source, ...request, expiresAt })), expiresAt }
  }

  const signThumbnail = async <Kind extends ProviderKind>(
    { kind, source }: { kind: Kind; source: Sources[Kind] },
    request: Omit<SignRequest<Kind>, 'source'>,
    signed: SignedUrl,
  ): Promise<string | null> => (await requireKeys(kind).thumbnailUrl?.({ source, ...request }, signed)) ?? null

  return {
    heartbeatSeconds,
    requireProvider: (stored) => {
      const { kind } = readSource(stored)
      requireKeys(kind)
      return providerName(kind)
    },
    sign: async (request) => {
      const { sessionId, stored } = request
      const entry = kept.get(sessionId)
      const current = entry?.playback === stored.playback ? entry?.media : undefined
      const media = await signSource(readSource(stored), request, current)
      if (media && media !== current) kept.set(sessionId, { playback: stored.playback, media })
      return media
    },
    thumbnailUrl: ({ stored, userId, entityId }, signed) =>
      signThumbnail(readSource(stored), { userId, entityId, expiresAt: signed.expiresAt }, signed),
  }
}
