import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { ApiError, toProblem } from '@pay-to-view/api'
import { createOriginCheck, exposedHeaders } from './cors.ts'
import { securityHeaders } from './security-headers.ts'

const knownErrors: Record<string, () => ApiError> = {
  HPE_HEADER_OVERFLOW: () => new ApiError('headers_too_large'),
  ERR_HTTP_REQUEST_TIMEOUT: () => new ApiError('request_timeout'),
}

const invalidRequest = () => new ApiError('validation', { field: 'request', message: 'Expected an HTTP/1.1 request' })

interface ParserError {
  code: string
  /** The bytes that could not be parsed, if any. */
  rawPacket?: unknown
}

/** The request was not parsed, so the header is searched for in its bytes. Only configured origins are returned. */
const findOrigin = ({ rawPacket }: ParserError, isAllowed: (origin: string) => boolean): string | undefined => {
  const bytes = Buffer.isBuffer(rawPacket) ? rawPacket.toString('latin1') : ''
  const [, origin = ''] = /^origin:[ \t]*(\S+)[ \t]*\r?$/im.exec(bytes) ?? []
  return isAllowed(origin) ? origin : undefined
}

/**
 * Sends errors from Node's HTTP parser as problems. There is no request object yet, so the connection is closed. Source: Node's event `clientError`.
 */
export const createParserErrorHandler = (webOrigins: readonly string[]) => {
  const security = securityHeaders()
  const isAllowed = createOriginCheck(webOrigins)
  return (error: ParserError, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return
    const problem = toProblem((knownErrors[error.code] ?? invalidRequest)(), crypto.randomUUID())
    const body = JSON.stringify(problem)
    const origin = findOrigin(error, isAllowed)
    const headers = {
      ...security,
      vary: 'Origin',
      ...(origin !== undefined && {
        'access-control-allow-origin': origin,
        'access-control-expose-headers': exposedHeaders.join(', '),
      }),
      connection: 'close',
      'cache-control': 'no-store',
      'content-type': 'application/problem+json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'x-request-id': problem.instance,
    }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    socket.end([`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`, ...lines, '', body].join('\r\n'))
  }
}
