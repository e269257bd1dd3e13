import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { ApiError, problemOf } from '@pay-to-view/api'

const refusals: Record<string, () => ApiError> = {
  HPE_HEADER_OVERFLOW: () => new ApiError('headers_too_large'),
  ERR_HTTP_REQUEST_TIMEOUT: () => new ApiError('request_timeout'),
}

const unreadable = () => new ApiError('validation', { field: 'request', message: 'Expected a request of HTTP/1.1' })

/** Answers as a problem what Node's parser refuses; there is no request, so the connection ends with it. Source: Node's event `clientError`. */
export const tellParserError = ({ code }: { code: string }, socket: Socket): void => {
  if (code === 'ECONNRESET' || !socket.writable) return
  const problem = problemOf((refusals[code] ?? unreadable)(), crypto.randomUUID())
  const body = JSON.stringify(problem)
  const headers = {
    connection: 'close',
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'x-request-id': problem.instance,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`, ...lines, '', body].join('\r\n'))
}
