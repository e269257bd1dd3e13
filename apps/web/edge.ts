import { createRemoteJWKSet, errors, jwtVerify } from 'jose'

export interface EdgeOptions {
  /** URL of the API's public playback keys. */
  jwksUrl: URL
  /** Expected `iss` claim: the API's PLAYBACK_ISSUER. */
  issuer: string
  /** Serves the media. Called only for requests with a valid token. */
  serveMedia: (entityId: string, request: Request) => Promise<Response>
}

const rejectToken = (status: number, message: string): Response =>
  new Response(message, { status, headers: { 'www-authenticate': 'Bearer', 'cache-control': 'no-store' } })

/**
 * Checks playback tokens in front of the media, as a worker at a CDN's edge does. It uses only jose and the Fetch API. The token must be for
 * the entity in the path, `/media/<entityId>/...`. An unknown key id in a token causes the keys to be fetched again.
 */
export const createEdge = ({ jwksUrl, issuer, serveMedia }: EdgeOptions) => {
  const keys = createRemoteJWKSet(jwksUrl)
  return async (request: Request): Promise<Response> => {
    // Escapes are rejected, except that of the colon, which ids may contain: an origin that decodes %2F as a slash would serve another entity's
    // folder.
    const encodedId = /^\/media\/((?:[\w.~:-]|%3A)+)\/[^%]*$/i.exec(new URL(request.url).pathname)?.[1]
    if (encodedId === undefined) return new Response('Not found', { status: 404 })
    const entityId = decodeURIComponent(encodedId)
    const token = /^Bearer ([\w.-]+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
    if (token === undefined) return rejectToken(401, 'A playback token is required')
    try {
      const { payload } = await jwtVerify(token, keys, {
        ...{ issuer, audience: 'playback', algorithms: ['ES256'], requiredClaims: ['sub', 'exp', 'jti'] },
      })
      if (payload.entityId !== entityId) return rejectToken(403, 'The playback token is for another entity')
    } catch (error) {
      // A fetch error, or jose's generic or timeout error, means that the keys are unavailable. It says nothing about the token.
      const isKeyFetchError =
        !(error instanceof errors.JOSEError) || ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT'].includes(error.code)
      return isKeyFetchError
        ? new Response('The playback keys are unavailable', { status: 503 })
        : rejectToken(401, 'The playback token is invalid')
    }
    return serveMedia(entityId, request)
  }
}
