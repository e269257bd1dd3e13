import type { StoredMedia } from '@pay-to-view/db'
import type { z } from 'zod'
import { playbackSource } from '../entities/playback-source.ts'

type StoredSource = z.infer<typeof playbackSource>

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

/** Where the media of an entity is, by the keys that sign for it: Bunny has two products, each with its own keys. */
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

/** A source with its kind. */
export type Source = { [Kind in ProviderKind]: { kind: Kind; source: Sources[Kind] } }[ProviderKind]

/** The data that a token is signed for. */
export interface SignRequest<Kind extends ProviderKind> {
  source: Sources[Kind]
  userId: string
  entityId: string
  /** Seconds since the epoch. */
  expiresAt: number
}

export interface SignedUrl {
  /** Where the player loads the film, with the token if the provider takes it from there; null if the site knows where. */
  url: string | null
  token: string
}

/** A service that serves films, for which this server signs tokens. */
export interface PlaybackProvider<Kind extends ProviderKind> {
  /** Its players use a new token without starting again. For others, a token is signed for the rest of the film. */
  swapsTokens: boolean
  /** The longest lifetime that the service accepts; undefined without a limit. */
  maxTokenSeconds?: number
  sign(request: SignRequest<Kind>): Promise<SignedUrl>
  /** The image of the film, if the service has one. */
  thumbnailUrl?(request: SignRequest<Kind>, signed: SignedUrl): Promise<string>
}

const kinds: Record<ProviderKind, true> = {
  ...{ mux: true, cloudflare: true, bunny_stream: true, bunny_cdn: true, cloudfront: true, jw: true, own: true },
}

export const isProviderKind = (text: string): text is ProviderKind => Object.hasOwn(kinds, text)

/** Null for a provider without keys. */
export type PlaybackProviders = { [Kind in ProviderKind]: PlaybackProvider<Kind> | null }

/** The value of `playback.provider` for a kind. */
export const providerName = (kind: ProviderKind): (typeof providerNames)[number] =>
  kind === 'bunny_stream' || kind === 'bunny_cdn' ? 'bunny' : kind

/** An entity without a source is played by the site, which knows where the film is. */
export const readSource = ({ playback }: StoredMedia): Source => {
  if (playback === null) return { kind: 'own', source: { url: null } }
  const stored = playbackSource.parse(JSON.parse(playback))
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
