import { createRemoteJWKSet, errors, jwtVerify } from 'jose'

export interface EdgeOptions {
  /** Where the API publishes the keys of playback tokens. */
  jwksUrl: URL
  /** iss of the tokens: the API's PLAYBACK_ISSUER. */
  issuer: string
  /** The film itself, of a request that may have it. */
  film: (entityId: string, request: Request) => Promise<Response>
}

const refuse = (status: number, text: string): Response =>
  new Response(text, { status, headers: { 'www-authenticate': 'Bearer', 'cache-control': 'no-store' } })

/**
 * What stands before the films at a CDN's edge: Fetch's Request and Response and jose, which run in workers as they do here. The
 * address says which film, `/media/<entityId>/...`; the token has to be for that one. Keys are fetched again when a token names an unknown one.
 */
export const createEdge = ({ jwksUrl, issuer, film }: EdgeOptions) => {
  const keys = createRemoteJWKSet(jwksUrl)
  return async (request: Request): Promise<Response> => {
    // No escapes: an origin that reads %2F as a slash would be led from this film's folder to another's.
    const entityId = /^\/media\/([^/%]+)\/[^%]*$/.exec(new URL(request.url).pathname)?.[1]
    if (entityId === undefined) return new Response('There is no such film', { status: 404 })
    const token = /^Bearer ([\w.-]+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
    if (token === undefined) return refuse(401, 'A playback token is needed')
    try {
      const { payload } = await jwtVerify(token, keys, {
        ...{ issuer, audience: 'playback', algorithms: ['ES256'], requiredClaims: ['sub', 'exp', 'jti'] },
      })
      if (payload.entityId !== entityId) return refuse(403, 'The playback token is for another film')
    } catch (error) {
      // fetch's own error, jose's general one and its time-out: the keys cannot be had, and the token is neither good nor bad.
      const unread = !(error instanceof errors.JOSEError) || ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT'].includes(error.code)
      return unread ? new Response('The keys cannot be read', { status: 503 }) : refuse(401, 'The playback token is not good')
    }
    return film(entityId, request)
  }
}
