import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { ApiError, toProblem } from '@pay-to-view/api'

const knownErrors: Record<string, () => ApiError> = {
  HPE_HEADER_OVERFLOW: () => new ApiError('headers_too_large'),
  ERR_HTTP_REQUEST_TIMEOUT: () => new ApiError('request_timeout'),
}

const invalidRequest = () => new ApiError('validation', { field: 'request', message: 'Expected an HTTP/1.1 request' })

/** Sends errors of Node's HTTP parser as problems. There is no request object yet, so the connection is closed. Source: Node's event `clientError`. */
export const sendParserError = ({ code }: { code: string }, socket: Socket): void => {
  if (code === 'ECONNRESET' || !socket.writable) return
  const problem = toProblem((knownErrors[code] ?? invalidRequest)(), crypto.randomUUID())
  const body = JSON.stringify(problem)
  const headers = {
    connection: 'close',
    'cache-control': 'no-store',
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'x-request-id': problem.instance,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`, ...lines, '', body].join('\r\n'))
}
