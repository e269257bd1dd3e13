import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { securityHeaders } from '../src/security-headers.ts'
import { buildTestServer } from './test-server.ts'

const origin = 'https://shop.example'
let app: FastifyInstance
let port: number
beforeAll(async () => {
  app = await buildTestServer({ webOrigins: [origin] }, { headersTimeoutMs: 500 })
  port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port)
})
afterAll(() => app.close())

/** Sends raw bytes and returns the response. The server closes the connection no later than the headers timeout. */
const sendRaw = async (bytes: string) => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(bytes, 'latin1')
  const response = await text(socket)
  const [head = '', ...body] = response.split('\r\n\r\n')
  const [statusLine = '', ...lines] = head.split('\r\n')
  const headers = new Headers(
    lines.map((line): [string, string] => [line.split(': ')[0] ?? '', line.split(': ').slice(1).join(': ')]),
  )
  return { status: Number(statusLine.split(' ')[1]), headers, body: body.join('\r\n\r\n') }
}

const request = (target: string, { method = 'GET', host = 'Host: a\r\n', more = '' } = {}) =>
  `${method} ${target} HTTP/1.1\r\n${host}Origin: ${origin}\r\nConnection: close\r\n${more}\r\n`
const purchase = '/client/v1/pay-to-view/purchases'

describe('the response to a malformed request has the security headers, the CORS headers and a request id, and names what is wrong', () => {
  test.each<[string, string, number, string | undefined]>([
    ['a path with an invalid percent-encoding', request('/client/%zz'), 400, 'path'],
    ['the id of a purchase with an invalid percent-encoding', request(`${purchase}/%zz`), 400, 'path'],
    ['a path whose percent-encoding is not UTF-8', request('/client/%ff%fe'), 400, 'path'],
    ['a procedure with an invalid percent-encoding', request('/trpc/%E0%A4%A'), 400, 'path'],
    [
      'a POST to a path with an invalid percent-encoding',
      request('/%', { method: 'POST', more: 'Content-Length: 2\r\n' }),
      400,
      'path',
    ],
    [
      'an id of 9,000 characters',
      request(`${purchase}/${'x'.repeat(9_000)}`, { more: 'Authorization: Bearer alice\r\n' }),
      400,
      'id',
    ],
    ['an unknown path of 9,000 characters', request(`/${'x'.repeat(9_000)}`), 404, undefined],
    ['a path without a slash', request('x'), 400, 'request'],
    ['an absolute URL', request('http://a/nothing'), 404, undefined],
    ['an asterisk', request('*'), 404, undefined],
    ['a request without a Host', request('/healthz', { host: '' }), 400, 'Host'],
    ['an unknown expectation', request('/nothing', { more: 'Expect: the-unexpected\r\n' }), 404, undefined],
    ['an upgrade', request('/nothing', { more: 'Upgrade: websocket\r\n' }).replace('close', 'Upgrade, close'), 404, undefined],
    ['an unknown method', request('/healthz', { method: 'NOPE' }), 400, 'request'],
    ['an invalid header name', request('/healthz', { more: 'b d: c\r\n' }), 400, 'request'],
    ['headers of 20 kB', request('/healthz', { more: `X: ${'x'.repeat(20_000)}\r\n` }), 431, undefined],
    [
      'an invalid chunk',
      request('/nothing', { method: 'POST', more: 'Transfer-Encoding: chunked\r\n' }).concat('zz\r\n'),
      400,
      'request',
    ],
    ['two Content-Length headers', request('/nothing', { more: 'Content-Length: 1\r\nContent-Length: 2\r\n' }), 400, 'request'],
    [
      'both Content-Length and chunked encoding',
      request('/nothing', { more: 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n' }),
      400,
      'request',
    ],
    ['an unknown version of HTTP', request('/healthz').replace('HTTP/1.1', 'HTTP/7.3'), 400, 'request'],
    ['the preface of HTTP/2', `PRI * HTTP/2.0\r\nOrigin: ${origin}\r\n\r\nSM\r\n\r\n`, 400, 'request'],
  ])('%s', async (_, bytes, status, field) => {
    const response = await sendRaw(bytes)
    expect(response.status).toBe(status)
    for (const [name, value] of Object.entries(securityHeaders())) expect(response.headers.get(name), name).toBe(value)
    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
    expect(response.headers.get('access-control-expose-headers')).toContain('x-request-id')
    expect(response.headers.get('vary')).toContain('Origin')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('x-request-id')).toBe(JSON.parse(response.body).instance)
    const { errors } = JSON.parse(response.body)
    expect(errors).toEqual(field === undefined ? [] : [expect.objectContaining({ field })])
  })
})

test.each(['shop.example:443', 'x', '/client/v1/pay-to-view/products'])(
  'CONNECT %s gets 405 with the security headers, whether or not it has the required headers',
  async (target) => {
    for (const bytes of [request(target, { method: 'CONNECT' }), request(target, { method: 'CONNECT', host: '' })]) {
      const { status, headers, body } = await sendRaw(bytes)
      // The status is 400 if Node's parser rejects the target. The parser accepts only a host and port.
      expect([400, 405]).toContain(status)
      for (const [name, value] of Object.entries(securityHeaders())) expect(headers.get(name), name).toBe(value)
      if (status === 405) expect(headers.get('allow')).toContain('POST')
      expect(JSON.parse(body)).toMatchObject({ status, instance: headers.get('x-request-id') })
    }
  },
)

test('a malformed request from another origin does not get the header that lets it read the response', async () => {
  for (const bytes of [request('/%zz'), request('/healthz', { method: 'NOPE' })]) {
    const { headers } = await sendRaw(bytes.replace(origin, 'https://evil.example'))
    expect(headers.get('access-control-allow-origin')).toBeNull()
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  }
})
