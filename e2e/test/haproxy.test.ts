import { waitFor } from '@pay-to-view/devstack/wait'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { get, isHaproxyInstalled, openSlowConnections, sendRaw, startBackend, startHaproxy } from './haproxy/start-haproxy.ts'

// .ci/run installs HAProxy; other machines that run `npm test` may lack it.
describe.skipIf(!isHaproxyInstalled)('deploy/haproxy.cfg', () => {
  let server1: Awaited<ReturnType<typeof startBackend>>
  let server2: Awaited<ReturnType<typeof startBackend>>
  let web: Awaited<ReturnType<typeof startBackend>>
  let proxy: Awaited<ReturnType<typeof startHaproxy>>
  const api = () => `${proxy.url}/client/v1/pay-to-view/products`

  /** Returns the user's address as a server receives it from HAProxy, in X-Forwarded-For. */
  const seenBy = async (options: Parameters<typeof get>[1]) => {
    const { status, body } = await get(api(), options)
    expect(status).toBe(200)
    return JSON.parse(body).forwardedFor
  }
  const serverNames = async (requests: number) => {
    const responses = await Promise.all(Array.from({ length: requests }, () => get(api())))
    expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 200))
    return new Set(responses.map(({ body }) => JSON.parse(body).name))
  }
  const bothUp = () =>
    waitFor(
      'both servers',
      async () => {
        const states = await proxy.serverStates()
        return states['server-1'] === 'UP' && states['server-2'] === 'UP'
      },
      { timeoutMs: 20_000 },
    )

  beforeAll(async () => {
    ;[server1, server2, web] = await Promise.all([startBackend('server-1'), startBackend('server-2'), startBackend('web')])
    proxy = await startHaproxy({ server1: server1.port, server2: server2.port, web: web.port }, '127.0.0.8 127.0.0.9 10.1.0.0/16')
  })
  afterAll(async () => {
    await proxy?.stop()
    for (const backend of [server1, server2, web]) backend?.stop()
  })
  beforeEach(async () => {
    for (const { state } of [server1, server2]) Object.assign(state, { checkDelayMs: 0, draining: false })
    await bothUp()
  })

  test('4,200 slow connections from one address do not block the site for another address', async () => {
    const sockets = await openSlowConnections(proxy.port, '127.0.0.2', 4_200)
    try {
      const startedAt = performance.now()
      expect(await get(api(), { from: '127.0.0.3' })).toMatchObject({ status: 200 })
      expect(performance.now() - startedAt).toBeLessThan(1_000)
      await expect(get(api(), { from: '127.0.0.2' })).rejects.toThrow()
    } finally {
      for (const socket of sockets) socket.destroy()
    }
  })

  test('connections from a trusted proxy are not limited, because they belong to many users', async () => {
    const sockets = await openSlowConnections(proxy.port, '127.0.0.8', 400)
    try {
      expect(await get(api(), { from: '127.0.0.8', forwardedFor: '198.51.100.7' })).toMatchObject({ status: 200 })
    } finally {
      for (const socket of sockets) socket.destroy()
    }
  })

  test('users behind a trusted proxy are distinguished, and no other client can set its own address', async () => {
    expect(await seenBy({ from: '127.0.0.3' })).toBe('127.0.0.3')
    expect(await seenBy({ from: '127.0.0.3', forwardedFor: '198.51.100.7' })).toBe('127.0.0.3')
    expect(await seenBy({ from: '127.0.0.8', forwardedFor: '198.51.100.7' })).toBe('198.51.100.7')
    expect(await seenBy({ from: '127.0.0.8', forwardedFor: '2001:db8::7' })).toBe('2001:db8::7')
    expect(await seenBy({ from: '127.0.0.8', forwardedFor: '10.0.0.1, 198.51.100.8' })).toBe('198.51.100.8')
    expect(await seenBy({ from: '127.0.0.8', forwardedFor: '10.0.0.1, 198.51.100.9, 127.0.0.9' })).toBe('198.51.100.9')
    // The request came through a CDN's edge and shield, and another proxy.
    expect(await seenBy({ from: '127.0.0.8', forwardedFor: '10.0.0.1, 198.51.100.10, 10.1.0.1, 10.1.0.2' })).toBe('198.51.100.10')
    expect(await seenBy({ from: '127.0.0.8', forwardedFor: '198.51.100.11, 10.1.0.1, 10.1.0.2, 10.1.0.3' })).toBe('198.51.100.11')
    expect(await seenBy({ from: '127.0.0.8', forwardedFor: '198.51.100.12, 10.9.0.1, 10.1.0.2' })).toBe('10.9.0.1')
    expect(await seenBy({ from: '127.0.0.8' })).toBe('127.0.0.8')
  })

  const post = (length: number, body: string) =>
    `POST /client/v1/webhooks/stripe HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n${body}`
  const requests = () => server1.state.requests + server2.state.requests
  const securityHeaders = [
    'strict-transport-security: max-age=31536000',
    'x-content-type-options: nosniff',
    'cache-control: no-store',
  ]

  test('a slow request reaches the server only when its body is complete or 16 kB have arrived', async () => {
    const before = requests()
    const slow = await sendRaw(proxy.port, post(1_000, 'x'.repeat(900)))
    expect(slow).toMatch(/^HTTP\/1.1 408 /)
    for (const header of securityHeaders) expect(slow).toContain(header)
    expect(requests()).toBe(before)
    expect(await sendRaw(proxy.port, post(1_000, 'x'.repeat(1_000)))).toMatch(/^HTTP\/1.1 200 /)
    expect(await sendRaw(proxy.port, post(1_000_000, 'x'.repeat(100_000)))).toMatch(/^HTTP\/1.1 200 /)
    expect(requests()).toBe(before + 2)
  }, 30_000)

  test.each([
    ['CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n\r\n', 405],
    ['CONNECT shop.example:443 HTTP/1.1\r\n\r\n', 405],
    ['CONNECT shop.example:443 HTTP/1.0\r\n\r\n', 405],
  ])('%j is rejected with security headers', async (bytes, status) => {
    const before = [requests(), web.state.requests]
    const response = await sendRaw(proxy.port, bytes)
    expect(response).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    for (const header of [...securityHeaders, 'content-type: application/problem+json']) expect(response).toContain(header)
    expect([requests(), web.state.requests]).toEqual(before)
  })

  test.each(['CONNECT / HTTP/1.1\r\n\r\n', 'CONNECT\r\n\r\n', 'GET / HTTP/1.1\r\nb d: c\r\n\r\n'])(
    "%j gets HAProxy's own 400 page, which cannot be configured",
    async (bytes) => {
      const before = requests() + web.state.requests
      expect(await sendRaw(proxy.port, bytes)).toMatch(/^HTTP\/1.1 400 /)
      expect(requests() + web.state.requests).toBe(before)
    },
  )

  test('busy servers whose health checks take 2.5 s stay in use', async () => {
    for (const { state } of [server1, server2]) Object.assign(state, { checkDelayMs: 2_500, checks: 0 })
    await waitFor('late checks', () => server1.state.checks >= 3 && server2.state.checks >= 3, { timeoutMs: 30_000 })
    expect(await proxy.serverStates()).toMatchObject({ 'server-1': 'UP', 'server-2': 'UP' })
    expect(await serverNames(20)).toEqual(new Set(['server-1', 'server-2']))
  })

  test('a stopping server gets no more requests well before its drain time of 5 s ends', async () => {
    server1.state.draining = true
    await waitFor('server-1 to be taken out', async () => (await proxy.serverStates())['server-1'] === 'DOWN', {
      timeoutMs: 4_000,
    })
    expect(await serverNames(20)).toEqual(new Set(['server-2']))
  })

  test('if no server passes its health check, requests are still sent to the servers', async () => {
    for (const { state } of [server1, server2]) state.checkDelayMs = 60_000
    const isOut = async () => {
      const states = await proxy.serverStates()
      return states['server-1'] === 'DOWN' && states['server-2'] === 'DOWN'
    }
    await waitFor('both servers to be taken out', isOut, { timeoutMs: 30_000 })
    expect(await serverNames(20)).toEqual(new Set(['server-1', 'server-2']))
  })
})
