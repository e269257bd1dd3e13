import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import helmet from 'helmet'

/** What helmet says of every answer is the same each time: it is asked once. */
export const securityHeaders = (): OutgoingHttpHeaders => {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  // Over plain HTTP on another address than localhost the pages' own files would be asked for by HTTPS.
  helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } })(request, response, () => undefined)
  return response.getHeaders()
}
