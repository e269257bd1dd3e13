import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { createWebhookSender, newSigningSecret, signatureHeaders } from '../src/index.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

const listen = async (handler: RequestListener): Promise<number> => {
  const server: Server = createServer(handler)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port')
  return address.port
}

const createSender = (...args: Parameters<typeof createWebhookSender>) => {
  const sender = createWebhookSender(...args)
  cleanups.push(sender.close)
  return sender
}

const message = { headers: {}, body: '{}' }

test('a message arrives with its signature, and the beginning of the response is returned', async () => {
  const secret = newSigningSecret()
  const headers = signatureHeaders({ id: 'msg_1', body: '{"type":"test"}', at: new Date() }, [secret])
  const received: object[] = []
  const port = await listen((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      received.push({ method: request.method, body, ...request.headers })
      response.writeHead(200, { 'retry-after': '7' }).end(`\0${'é'.repeat(2_000)}`)
    })
  })
  const sender = createSender({ allowPrivate: true })
  const result = await sender.send({ url: `http://127.0.0.1:${port}/hook`, headers, body: '{"type":"test"}' })
  expect(received).toEqual([
    expect.objectContaining({ method: 'POST', body: '{"type":"test"}', 'content-type': 'application/json', ...headers }),
  ])
  expect(result).toMatchObject({ status: 200, error: null, retryAfterSeconds: 7, durationMs: expect.any(Number) })
  expect(Buffer.byteLength(result.response ?? '')).toBeLessThanOrEqual(1_028)
  expect(result.response).toMatch(/^\ufffdé+/)
})

test('a redirect is not followed', async () => {
  let redirected = 0
  const target = await listen((_request, response) => {
    redirected++
    response.end()
  })
  const port = await listen((_request, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${target}/` }).end()
  })
  const result = await createSender({ allowPrivate: true }).send({ url: `http://127.0.0.1:${port}/`, ...message })
  expect(result).toMatchObject({ status: 307, error: null })
  expect(redirected).toBe(0)
})

test('a name that changes to a private address between the check and the connection is not called', async () => {
  let requests = 0
  const port = await listen((_request, response) => {
    requests++
    response.end()
  })
  // The check is part of the connection's own lookup, so there is no second lookup that could return a different address.
  const answers = [['127.0.0.1'], ['93.184.216.34', '127.0.0.1']]
  const sender = createSender({ allowPrivate: false, resolve: async () => answers.shift() ?? [] })
  for (const error of [/private network/, /private network/, /no address/]) {
    const result = await sender.send({ url: `https://rebinding.example:${port}/`, ...message })
    expect(result).toMatchObject({ status: null, error: expect.stringMatching(error) })
  }
  expect(requests).toBe(0)
})

test('the connection goes to the address that was checked', async () => {
  const hosts: (string | undefined)[] = []
  const port = await listen((request, response) => {
    hosts.push(request.headers.host)
    response.end('ok')
  })
  const sender = createSender({ allowPrivate: true, resolve: async () => ['127.0.0.1'] })
  expect(await sender.send({ url: `http://site.example:${port}/`, ...message })).toMatchObject({ status: 200, response: 'ok' })
  expect(hosts).toEqual([`site.example:${port}`])
})

test.each(['https://127.0.0.1/', 'https://[::ffff:169.254.169.254]/', 'https://0x7f.1/', 'https://user:x@www.example.com/'])(
  '%s is not called',
  async (url) => {
    const result = await createSender({ allowPrivate: false }).send({ url, ...message })
    expect(result).toMatchObject({ status: null, error: expect.stringMatching(/^Expected/) })
  },
)

test('an endpoint that does not respond or cannot be reached fails with an error text for operators', async () => {
  const port = await listen(() => {})
  const sender = createSender({ allowPrivate: true }, { timeoutMs: 200 })
  expect(await sender.send({ url: `http://127.0.0.1:${port}/`, ...message })).toMatchObject({
    status: null,
    error: expect.stringMatching(/^No response within/),
  })
  const closed = await createSender({ allowPrivate: true }).send({ url: 'http://127.0.0.1:1/', ...message })
  expect(closed).toMatchObject({ status: null, error: 'Connection refused' })
})
