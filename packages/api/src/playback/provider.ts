import type { StoredMedia } from '@pay-to-view/db'
import type { z } from 'zod'
import { storedPlaybackSource } from '../entities/playback-source.ts'

type StoredSource = z.infer<typeof storedPlaybackSource>

/** The values of `playback.provider`. */
export const providerNames = [
  'mux',
  'cloudflare',
  'bunny',
  'cloudfront',
  'jw',
  'own',
] as const satisfies readonly StoredSource['provider'][]

type Stored<Name extends StoredSource['provider']> = Omit<Extract<StoredSource, { provider: Name }>, 'provider'>

/** The location of an entity's media, by the kind of key that signs its tokens. Bunny has two kinds, because its two products have separate keys. */
export interface Sources {
  mux: Stored<'mux'>
  cloudflare: Stored<'cloudflare'>
  bunny_stream: { libraryId: string | number; videoId: string }
  bunny_cdn: { path: string }
  cloudfront: Stored<'cloudfront'>
  jw: Stored<'jw'>
  own: { url: string | null }
}

export type ProviderKind = keyof Sources

/** A source together with its kind. */
export type Source = { [Kind in ProviderKind]: { kind: Kind; source: Sources[Kind] } }[ProviderKind]

/** The data for which a token is signed. */
export interface SignRequest<Kind extends ProviderKind> {
  source: Sources[Kind]
  userId: string
  entityId: string
  /** Seconds since the epoch. */
  expiresAt: number
}

export interface SignedUrl {
  /**
   * The URL from which the player loads the film, including the token if the provider expects the token in the URL; null if the site itself
   * knows the URL.
   */
  url: string | null
  token: string
}

/** A service that serves films, for which this server signs tokens. */
export interface PlaybackProvider<Kind extends ProviderKind> {
  /** Whether the service's players can switch to a new token during playback. If not, a token is valid for the rest of the film. */
  swapsTokens: boolean
  /** The longest lifetime that the service accepts; undefined if there is no limit. */
  maxTokenSeconds?: number
  sign(request: SignRequest<Kind>): Promise<SignedUrl>
  /** The URL of the film's image, if the service has one. */
  thumbnailUrl?(request: SignRequest<Kind>, signed: SignedUrl): Promise<string>
}

const kinds: Record<ProviderKind, true> = {
  ...{ mux: true, cloudflare: true, bunny_stream: true, bunny_cdn: true, cloudfront: true, jw: true, own: true },
}

export const isProviderKind = (text: string): text is ProviderKind => Object.hasOwn(kinds, text)

/** A provider is null if its keys are not set. */
export type PlaybackProviders = { [Kind in ProviderKind]: PlaybackProvider<Kind> | null }

/** The value of `playback.provider` for a kind. */
export const providerName = (kind: ProviderKind): (typeof providerNames)[number] =>
  kind === 'bunny_stream' || kind === 'bunny_cdn' ? 'bunny' : kind

/** Reads the source of an entity. If no source is stored, the site itself knows the film's URL. */
export const readSource = ({ playback }: StoredMedia): Source => {
  if (playback === null) return { kind: 'own', source: { url: null } }
  const stored = storedPlaybackSource.parse(JSON.parse(playback))
  switch (stored.provider) {
    case 'mux':
      return { kind: 'mux', source: stored }
    case 'cloudflare':
      return { kind: 'cloudflare', source: stored }
    case 'bunny': {
      const { path, libraryId = '', videoId = '' } = stored
      return path === undefined
        ? { kind: 'bunny_stream', source: { libraryId, videoId } }
        : { kind: 'bunny_cdn', source: { path } }
    }
    case 'cloudfront':
      return { kind: 'cloudfront', source: stored }
    case 'jw':
      return { kind: 'jw', source: stored }
    case 'own':
      return { kind: 'own', source: stored }
    default:
      return stored satisfies never
  }
}
