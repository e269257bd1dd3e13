import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import helmet from 'helmet'

/** Returns Helmet's headers. They are the same for every response, so callers compute them only once. */
export const securityHeaders = (): OutgoingHttpHeaders => {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  // upgrade-insecure-requests would break /docs over plain HTTP on hosts other than localhost.
  helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } })(request, response, () => undefined)
  return response.getHeaders()
}
