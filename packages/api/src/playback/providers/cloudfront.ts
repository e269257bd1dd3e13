import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { hostName } from '../host-name.ts'
import { folderOfPlaylist, toUrlPath } from '../media-path.ts'
import type { PlaybackProvider } from '../provider.ts'
import { rsaPrivateKey } from '../rsa-key.ts'

export const cloudfrontEnvironment = {
  CLOUDFRONT_HOST: hostName.optional().describe('CloudFront: host name of the distribution'),
  CLOUDFRONT_KEY_PAIR_ID: z.string().optional().describe('CloudFront: id of a public key in the key group of the distribution'),
  CLOUDFRONT_PRIVATE_KEY: rsaPrivateKey
    .optional()
    .describe('CloudFront: private key that belongs to CLOUDFRONT_KEY_PAIR_ID, as PEM or base64-encoded PEM'),
}

export interface CloudFrontKeys {
  host: string
  keyPairId: string
  privateKey: KeyObject
}

/**
 * A CloudFront distribution with signed URLs. The token is the query string, which a player appends to the URL of each segment. Source:
 * Amazon CloudFront Developer Guide, "Create a signed URL using a custom policy".
 */
export const createCloudFrontProvider = async ({
  host,
  keyPairId,
  privateKey,
}: CloudFrontKeys): Promise<PlaybackProvider<'cloudfront'>> => {
  // The module is loaded only if CloudFront is used.
  const { getSignedUrl } = await import('@aws-sdk/cloudfront-signer')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return {
    swapsTokens: false,
    sign: async ({ source, expiresAt }) => {
      const path = toUrlPath(source.path)
      const folder = folderOfPlaylist(path)
      const url = `https://${host}${path}`
      const policy = JSON.stringify({
        Statement: [
          {
            Resource: folder === null ? url : `https://${host}${folder}*`,
            Condition: { DateLessThan: { 'AWS:EpochTime': expiresAt } },
          },
        ],
      })
      const signed = getSignedUrl({ url, policy, keyPairId, privateKey: pem })
      return { url: signed, token: new URL(signed).search.slice(1) }
    },
  }
}
