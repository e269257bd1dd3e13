import { createPrivateKey } from 'node:crypto'
import { expectedJwks, json } from '@pay-to-view/environment'
import { z } from 'zod'
import { PlaybackKey } from '../access/playback.ts'
import type { ProviderKind } from './provider.ts'
import { bunnyCdnEnvironment } from './providers/bunny-cdn.ts'
import { bunnyStreamEnvironment } from './providers/bunny-stream.ts'
import { cloudflareEnvironment } from './providers/cloudflare.ts'
import { cloudfrontEnvironment } from './providers/cloudfront.ts'
import { jwEnvironment } from './providers/jw.ts'
import { muxEnvironment } from './providers/mux.ts'

/** Whether the key's point is on the curve. If not, Node cannot sign with the key. */
const isPrivateKey = (key: PlaybackKey): boolean => {
  try {
    createPrivateKey({ key, format: 'jwk' })
    return true
  } catch {
    return false
  }
}

const playbackKeys = json.pipe(
  z.object(
    {
      keys: z
        .array(PlaybackKey.refine(isPrivateKey, 'Expected a private key whose point is on P-256'), expectedJwks)
        .min(1, 'Expected at least one private key')
        .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length, 'Expected a unique kid for each key'),
    },
    expectedJwks,
  ),
)

const ownEnvironment = {
  PLAYBACK_KEYS: playbackKeys
    .optional()
    .describe(
      'Private keys (ES256) for playback tokens, as a JWKS; the first key signs, and the public part of every key is published',
    ),
}

const environments = {
  mux: muxEnvironment,
  cloudflare: cloudflareEnvironment,
  bunny_stream: bunnyStreamEnvironment,
  bunny_cdn: bunnyCdnEnvironment,
  cloudfront: cloudfrontEnvironment,
  jw: jwEnvironment,
  own: ownEnvironment,
} satisfies Record<ProviderKind, z.ZodRawShape>

/** The playback providers' keys. */
export const providerEnvironment = {
  ...muxEnvironment,
  ...cloudflareEnvironment,
  ...bunnyStreamEnvironment,
  ...bunnyCdnEnvironment,
  ...cloudfrontEnvironment,
  ...jwEnvironment,
  ...ownEnvironment,
}

export type ProviderEnvironment = z.infer<z.ZodObject<typeof providerEnvironment>>

/** Options for playback. */
export const playbackEnvironment = {
  ...providerEnvironment,
  PLAYBACK_ISSUER: z.string().min(1).default('pay-to-view').describe("The playback tokens' iss claim"),
  PLAYBACK_SECONDS: z.coerce.number().int().min(10).max(86_400).default(300).describe('Lifetime of a playback token'),
  MAX_STREAMS: z.coerce
    .number()
    .int()
    .min(1)
    .default(3)
    .describe('Maximum number of screens on which a user may play at the same time; a product may have its own `maxStreams`'),
}

/** Adds an issue for each missing variable of a provider that has other variables set. */
export const checkPlaybackKeys = (env: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void => {
  for (const shape of Object.values(environments)) {
    const names = Object.keys(shape)
    const set = names.find((name) => env[name] !== undefined)
    if (set === undefined) continue
    for (const name of names.filter((candidate) => env[candidate] === undefined))
      context.addIssue({ code: 'custom', path: [name], message: `Expected a value, because ${set} is set` })
  }
}

/** The variables that a source of this kind needs but that are not set. */
export const missingKeys = (env: Readonly<Record<string, unknown>>, kind: ProviderKind): string[] =>
  Object.keys(environments[kind]).filter((name) => env[name] === undefined)
