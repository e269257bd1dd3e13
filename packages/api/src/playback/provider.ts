import type { z } from 'zod'
import type { playbackSource } from '../entities/playback-source.ts'

type StoredSource = z.infer<typeof playbackSource>

export const providerNames = [
  'mux',
  'cloudflare',
  'bunny',
  'cloudfront',
  'jw',
  'own',
] as const satisfies readonly StoredSource['provider'][]

export type ProviderName = (typeof providerNames)[number]

/** Where the media of an entity is, by provider. An entity without a playback source counts as `own` without a URL. */
export type Sources = {
  [Name in Exclude<ProviderName, 'own'>]: Extract<StoredSource, { provider: Name }>
} & { own: { provider: 'own'; url: string | null } }

/** Correlates a name with its source, so that each provider gets its own. */
export type Source<Name extends ProviderName = ProviderName> = { [N in Name]: Sources[N] }[Name]

export interface SignRequest<Name extends ProviderName> {
  source: Sources[Name]
  userId: string
  entityId: string
  /** Seconds since the epoch. */
  expiresAt: number
}

/** What a player needs to play an entity. */
export interface SignedUrl {
  url: string | null
  token: string
  thumbnailUrl: string | null
}

/** A service that stores and serves films, for which this server signs tokens. */
export interface PlaybackProvider<Name extends ProviderName> {
  /** Its players use a new token without starting again. For others, a token is signed for the rest of the film. */
  swapsTokens: boolean
  /** The longest lifetime that the provider accepts; undefined without one. */
  maxTokenSeconds?: number
  sign(request: SignRequest<Name>): Promise<SignedUrl>
}

/** Null for a provider without keys. */
export type PlaybackProviders = { [Name in ProviderName]: PlaybackProvider<Name> | null }
