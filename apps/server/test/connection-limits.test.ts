import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { createLog } from '@pay-to-view/telemetry'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { buildTestServer } from './test-server.ts'

let app: FastifyInstance
afterEach(() => app?.close())

const listen = async (limits: Parameters<typeof buildTestServer>[1] = {}, deps: Parameters<typeof buildTestServer>[0] = {}) => {
  app = await buildTestServer(deps, limits)
  return Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port)
}

/** Sends raw bytes and returns all data that the server sends before it closes the connection. */
const sendRaw = async (port: number, bytes: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes)
  return await text(socket)
}

const parseBody = (response: string): unknown => JSON.parse(response.slice(response.indexOf('\r\n\r\n')))

describe('an invalid HTTP request gets a problem, and its connection is closed', () => {
  test.each([
    ['not HTTP', 'hello\r\n\r\n', 400, 'validation'],
    ['an invalid header name', 'GET /healthz HTTP/1.1\r\nHost: a\r\nb d: c\r\n\r\n', 400, 'validation'],
    ['20 kB of headers', `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ])('%s', async (_, bytes, status, code) => {
    const response = await sendRaw(await listen(), bytes)
    expect(response).toMatch(new RegExp(`^HTTP/1.1 ${status} [A-Z]`))
    expect(response).toContain('content-type: application/problem+json')
    expect(parseBody(response)).toMatchObject({ status, code, type: `urn:pay-to-view:problem:${code}` })
  })

  test('incomplete headers', async () => {
    const response = await sendRaw(await listen({ headersTimeoutMs: 100 }), 'GET /healthz HTTP/1.1\r\nHost: a\r\n')
    expect(parseBody(response)).toMatchObject({ status: 408, code: 'request_timeout' })
  })
})

test('a request that the client aborts is not logged as an error', async () => {
  const lines: string[] = []
  const port = await listen({}, { log: createLog('info', 'server', { destination: { write: (line) => void lines.push(line) } }) })
  const requestReceived = once(app.server, 'request')
  const socket = connect(port, '127.0.0.1')
  socket.write(
    'POST /client/v1/webhooks/stripe HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
  )
  await requestReceived
  socket.destroy()
  await expect.poll(() => lines.join('')).toContain('request aborted')
  expect(lines.join('')).not.toContain('"level":50')
})

test('a connection above the maximum is closed, and a new one is accepted after another connection has closed', async () => {
  const request = 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
  const port = await listen({ maxConnections: 1 })
  const first = connect(port, '127.0.0.1')
  await once(first, 'connect')
  expect(await sendRaw(port, request).catch(() => '')).toBe('')
  first.write(request)
  expect(await text(first)).toContain('200 OK')
  expect(await sendRaw(port, request)).toContain('200 OK')
})

test.each(['multipart/form-data; boundary=x', 'application/octet-stream', 'text/plain', 'application/xml'])(
  'a tRPC body with the content type %s is rejected before it arrives',
  async (type) => {
    const head = `POST /trpc/purchases.create HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nContent-Type: ${type}\r\nContent-Length: 1000000000\r\n\r\n`
    const socket = connect(await listen(), '127.0.0.1')
    // The body is never sent, so a server that reads it would wait indefinitely.
    socket.write(head)
    const [response] = await once(socket, 'data')
    socket.destroy()
    expect(String(response)).toMatch(/^HTTP\/1.1 415 /)
    expect(parseBody(String(response))).toMatchObject({
      error: { data: { problem: expect.objectContaining({ code: 'unsupported_media_type' }) } },
    })
  },
)
