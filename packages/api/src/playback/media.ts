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

/** The length that is assumed for a film without `durationSeconds`. */
const unknownDurationSeconds = 4 * 3_600

/** The number of sessions whose current token this process keeps. For any other session, each heartbeat signs a new token. */
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
  /** The interval between a player's heartbeats, short enough for several heartbeats before a token expires. */
  heartbeatSeconds: number
  /** The name of an entity's provider. Throws if this server has no keys for the provider. */
  requireProvider(entityId: string, stored: StoredMedia): ReturnType<typeof providerName>
  /** Returns the current token of a session, or a new token if the current token expires soon. Null if access ends within the current second. */
  sign(request: MediaRequest): Promise<SignedMedia | null>
  /** The URL of the film's image, which is valid as long as the token; null if the provider has no image. */
  thumbnailUrl(request: MediaRequest, signed: SignedMedia): Promise<string | null>
}

/**
 * Creates the signed URLs and tokens that a player needs. Tokens are as short-lived as the provider allows and never outlive the access.
 * `onMissingKeys` is called before an entity is rejected because this server has no keys for its kind of source.
 */
export const createMediaSigner = (
  providers: PlaybackProviders,
  lifetimeSeconds: number,
  onMissingKeys: (missing: { entityId: string; kind: ProviderKind }) => void = () => undefined,
): MediaSigner => {
  const heartbeatSeconds = Math.min(30, Math.max(1, Math.floor(lifetimeSeconds / 3)))
  /** A token that expires within this time is replaced, so a player can miss a heartbeat. */
  const renewWithinSeconds = Math.max(lifetimeSeconds / 3, 2 * heartbeatSeconds)
  // Tokens are kept only in this process's memory. Another server that receives a heartbeat of the session signs and keeps its own token.
  const kept = new LRUCache<string, { playback: string | null; media: SignedMedia }>({ max: maxKeptTokens })

  const requireKeys = <Kind extends ProviderKind>(kind: Kind, entityId: string): PlaybackProvider<Kind> => {
    const provider: PlaybackProviders[Kind] = providers[kind]
    if (provider) return provider
    onMissingKeys({ entityId, kind })
    throw new ApiError(kind === 'own' ? 'playback_not_configured' : 'playback_provider_not_configured')
  }

  const tokenSeconds = (
    { swapsTokens, maxTokenSeconds = Number.POSITIVE_INFINITY }: Pick<PlaybackProvider<never>, 'swapsTokens' | 'maxTokenSeconds'>,
    { stored, positionSeconds }: MediaRequest,
  ): number => {
    if (swapsTokens) return lifetimeSeconds
    const remaining = Math.max(0, (stored.durationSeconds ?? unknownDurationSeconds) - positionSeconds)
    // The extra lifetime allows for pauses.
    return Math.min(maxTokenSeconds, remaining + lifetimeSeconds)
  }

  const signSource = async <Kind extends ProviderKind>(
    { kind, source }: { kind: Kind; source: Sources[Kind] },
    request: MediaRequest,
    current: SignedMedia | undefined,
  ): Promise<SignedMedia | null> => {
    const provider = requireKeys(kind, request.entityId)
    const now = Math.floor(Date.now() / 1000)
    // The end of access is rounded down, so the token never outlives the access.
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
  ): Promise<string | null> => (await requireKeys(kind, request.entityId).thumbnailUrl?.({ source, ...request }, signed)) ?? null

  return {
    heartbeatSeconds,
    requireProvider: (entityId, stored) => {
      const { kind } = readSource(stored)
      requireKeys(kind, entityId)
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
