import { createRemoteJWKSet, errors, jwtVerify } from 'jose'

export interface EdgeOptions {
  /** URL of the API's public playback keys. */
  jwksUrl: URL
  /** Expected `iss` claim: the API's PLAYBACK_ISSUER. */
  issuer: string
  /** Serves the media. Called only for requests with a valid token. */
  serveMedia: (entityId: string, request: Request) => Promise<Response>
}

/** Adds the token to the relative URIs of an HLS playlist, for players that cannot send headers, such as the player built into older iPhones. */
const addTokenToPlaylist = (playlist: string, token: string): string => {
  const addTo = (uri: string): string =>
    /^([a-z][a-z\d+.-]*:|\/\/)/i.test(uri) ? uri : `${uri}${uri.includes('?') ? '&' : '?'}token=${token}`
  return playlist
    .replace(/^(?!#)\S.*$/gm, (uri) => addTo(uri.trim()))
    .replace(/^(#.*\bURI=")([^"]+)/gm, (_, before: string, uri: string) => before + addTo(uri))
}

const withTokenInPlaylist = async (response: Response, token: string): Promise<Response> => {
  if (!response.ok || !response.headers.get('content-type')?.includes('mpegurl')) return response
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  return new Response(addTokenToPlaylist(await response.text(), token), { status: response.status, headers })
}

const rejectToken = (status: number, message: string): Response =>
  new Response(message, { status, headers: { 'www-authenticate': 'Bearer', 'cache-control': 'no-store' } })

/**
 * Checks the playback token of each media request, like a worker at a CDN's edge; it depends only on jose and the Fetch API.
 * The token must be for the entity in the path, `/media/<entityId>/...`. Players send the token in a header or, if they cannot
 * send headers, in the query; in that case, the token is added to each URI in their playlists.
 */
export const createEdge = ({ jwksUrl, issuer, serveMedia }: EdgeOptions) => {
  const keys = createRemoteJWKSet(jwksUrl)
  return async (request: Request): Promise<Response> => {
    // Rejects paths with escape sequences, because an origin that decodes %2F as a slash would serve another entity's folder. An
    // escaped colon is allowed in the id.
    const { pathname, searchParams } = new URL(request.url)
    const encodedId = /^\/media\/((?:[\w.~:-]|%3A)+)\/[^%]*$/i.exec(pathname)?.[1]
    if (encodedId === undefined) return new Response('Not found', { status: 404 })
    const entityId = decodeURIComponent(encodedId)
    const header = request.headers.get('authorization')
    const token = header === null ? searchParams.get('token') : (/^Bearer ([\w.-]+)$/i.exec(header)?.[1] ?? null)
    if (token === null) return rejectToken(401, 'A playback token is required')
    try {
      const { payload } = await jwtVerify(token, keys, {
        ...{ issuer, audience: 'playback', algorithms: ['ES256'], requiredClaims: ['sub', 'exp', 'jti'] },
      })
      if (payload.entityId !== entityId) return rejectToken(403, 'The playback token is for another entity')
    } catch (error) {
      // A fetch error, a generic jose error or a jose timeout means that the keys are unavailable. The token may still be valid.
      const isKeyFetchError =
        !(error instanceof errors.JOSEError) || ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT'].includes(error.code)
      return isKeyFetchError
        ? new Response('The playback keys are unavailable', { status: 503 })
        : rejectToken(401, 'The playback token is invalid')
    }
    const response = await serveMedia(entityId, request)
    return header === null ? withTokenInPlaylist(response, token) : response
  }
}
