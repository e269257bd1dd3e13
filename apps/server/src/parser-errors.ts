import { type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
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

/**
 * Searches the raw bytes for the Origin header, because the request was not parsed. Returns the origin only if it is configured.
 */
const findOrigin = ({ rawPacket }: ParserError, isAllowed: (origin: string) => boolean): string | undefined => {
  const bytes = Buffer.isBuffer(rawPacket) ? rawPacket.toString('latin1') : ''
  const [, origin = ''] = /^origin:[ \t]*(\S+)[ \t]*\r?$/im.exec(bytes) ?? []
  return isAllowed(origin) ? origin : undefined
}

/**
 * Returns a function that sends an error as a problem and closes the connection. It writes to the socket, because there is no response
 * object.
 */
const createSocketResponder = () => {
  const security = securityHeaders()
  return (socket: Duplex, error: ApiError, more: Record<string, string> = {}): void => {
    const problem = toProblem(error, crypto.randomUUID())
    const body = JSON.stringify(problem)
    const headers = {
      ...security,
      vary: 'Origin',
      ...more,
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

/** Sends errors from Node's HTTP parser (the `clientError` event) as problems. */
export const createParserErrorHandler = (webOrigins: readonly string[]) => {
  const respond = createSocketResponder()
  const isAllowed = createOriginCheck(webOrigins)
  return (error: ParserError, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return
    const origin = findOrigin(error, isAllowed)
    const cors = origin !== undefined && {
      'access-control-allow-origin': origin,
      'access-control-expose-headers': exposedHeaders.join(', '),
    }
    respond(socket, (knownErrors[error.code] ?? invalidRequest)(), { ...cors })
  }
}

/** Rejects CONNECT, for which Node would close the connection without a response. Web pages cannot send CONNECT. */
export const rejectConnect = (server: Server): void => {
  const respond = createSocketResponder()
  server.on('connect', (_request, socket) => {
    socket.on('error', () => undefined)
    respond(socket, new ApiError('method_not_allowed'), { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' })
  })
}
