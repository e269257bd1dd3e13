import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { hostName } from '../host-name.ts'
import { folderOfPlaylist, toUrlPath } from '../media-path.ts'
import type { PlaybackProvider } from '../provider.ts'

export const bunnyCdnEnvironment = {
  BUNNY_CDN_HOST: hostName.optional().describe('Bunny CDN: host name of the pull zone'),
  BUNNY_CDN_TOKEN_KEY: z.string().optional().describe("Bunny CDN: the pull zone's token authentication key"),
}

export interface BunnyCdnKeys {
  host: string
  tokenKey: string
}

interface SignedPath {
  path: string
  /** Seconds since the epoch. */
  expires: number
  /** A folder; the token is valid for all files in it. */
  tokenPath?: string | null
  /** An IPv4 address; the token is valid only for requests from it. */
  address?: string
}

/** Returns the token for a path of a pull zone. Source: docs.bunny.net, "Advanced token authentication". */
export const signBunnyPath = (tokenKey: string, { path, expires, tokenPath = null, address }: SignedPath): string => {
  const hmac = createHmac('sha256', tokenKey).update(`${tokenPath ?? path}${expires}`)
  if (address !== undefined) hmac.update(Uint8Array.from(address.split('.').map(Number)))
  if (tokenPath !== null) hmac.update(`token_path=${tokenPath}`)
  return `HS256-${address === undefined ? '' : '1-'}${hmac.digest('base64url')}`
}

/**
 * A CDN path in which the characters that a URL's path may contain are not escaped, because Bunny's token is calculated from that form
 * (BunnyWay/BunnyCDN.TokenAuthentication).
 */
const toBunnyPath = (path: string): string => toUrlPath(path).replaceAll(/%(?:2[46BC]|3[ABD]|40)/g, decodeURIComponent)

/** A pull zone of Bunny's CDN. The URLs in a playlist are relative, so a playlist's token is part of the path. */
export const createBunnyCdnProvider = ({ host, tokenKey }: BunnyCdnKeys): PlaybackProvider<'bunny_cdn'> => ({
  swapsTokens: false,
  sign: async ({ source, expiresAt: expires }) => {
    const path = toBunnyPath(source.path)
    const tokenPath = folderOfPlaylist(path)
    const token = signBunnyPath(tokenKey, { path, expires, tokenPath })
    if (tokenPath === null) return { url: `https://${host}${path}?token=${token}&expires=${expires}`, token }
    const folder = `bcdn_token=${token}&expires=${expires}&token_path=${encodeURIComponent(tokenPath)}`
    return { url: `https://${host}/${folder}${path}`, token }
  },
})
