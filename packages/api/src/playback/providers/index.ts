import type { Playback } from '../../access/playback.ts'
import type { ProviderEnvironment } from '../environment.ts'
import type { PlaybackProviders } from '../provider.ts'
import { createBunnyCdnProvider } from './bunny-cdn.ts'
import { createBunnyStreamProvider } from './bunny-stream.ts'
import { createCloudflareProvider } from './cloudflare.ts'
import { createCloudFrontProvider } from './cloudfront.ts'
import { createJwProvider } from './jw.ts'
import { createMuxProvider } from './mux.ts'
import { createOwnProvider } from './own.ts'

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> }

/** Returns the values of the variables if all of them are set. */
const whenSet = <T extends object>(values: T): Defined<T> | null => {
  const isSet = (candidate: T): candidate is T & Defined<T> => Object.values(candidate).every((value) => value !== undefined)
  return isSet(values) ? values : null
}

/** The providers whose keys are set. `playback` signs tokens for the site's own servers. */
export const createPlaybackProviders = async (
  env: ProviderEnvironment,
  playback: Playback | null,
): Promise<PlaybackProviders> => {
  const mux = whenSet({ keyId: env.MUX_SIGNING_KEY_ID, privateKey: env.MUX_SIGNING_PRIVATE_KEY })
  const cloudflare = whenSet({
    customerCode: env.CLOUDFLARE_STREAM_CUSTOMER_CODE,
    keyId: env.CLOUDFLARE_STREAM_KEY_ID,
    privateKey: env.CLOUDFLARE_STREAM_SIGNING_KEY,
  })
  const bunnyCdn = whenSet({ host: env.BUNNY_CDN_HOST, tokenKey: env.BUNNY_CDN_TOKEN_KEY })
  const cloudfront = whenSet({
    host: env.CLOUDFRONT_HOST,
    keyPairId: env.CLOUDFRONT_KEY_PAIR_ID,
    privateKey: env.CLOUDFRONT_PRIVATE_KEY,
  })
  return {
    mux: mux && createMuxProvider(mux),
    cloudflare: cloudflare && createCloudflareProvider(cloudflare),
    bunny_stream: env.BUNNY_STREAM_TOKEN_KEY === undefined ? null : createBunnyStreamProvider(env.BUNNY_STREAM_TOKEN_KEY),
    bunny_cdn: bunnyCdn && createBunnyCdnProvider(bunnyCdn),
    cloudfront: cloudfront && (await createCloudFrontProvider(cloudfront)),
    jw: env.JW_API_SECRET === undefined ? null : createJwProvider(env.JW_API_SECRET),
    own: playback && createOwnProvider(playback),
  }
}
