import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { createLog } from '@pay-to-view/telemetry'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { createStreams } from '../src/streams.ts'
import { stageServer } from './stage-server.ts'

let app: FastifyInstance
afterEach(() => app?.close())

const listen = async (limits: Parameters<typeof stageServer>[1] = {}, deps: Parameters<typeof stageServer>[0] = {}) => {
  app = await stageServer(deps, limits)
  return Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port)
}

/** What a server answers to these bytes before it ends the connection. */
const told = async (port: number, bytes: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes)
  return await text(socket)
}

const problemIn = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))

describe('what is no request is told as a problem, and the connection ends', () => {
  test.each([
    ['no HTTP', 'hello\r\n\r\n', 400, 'validation'],
    ['a header name that is none', 'GET /healthz HTTP/1.1\r\nHost: a\r\nb d: c\r\n\r\n', 400, 'validation'],
    ['20 kB of headers', `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ])('%s', async (_, bytes, status, code) => {
    const answer = await told(await listen(), bytes)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [A-Z]`))
    expect(answer).toContain('content-type: application/problem+json')
    expect(problemIn(answer)).toMatchObject({ status, code, type: `urn:pay-to-view:problem:${code}` })
  })

  test('headers that do not arrive', async () => {
    const answer = await told(await listen({ headersTimeout: 100 }), 'GET /healthz HTTP/1.1\r\nHost: a\r\n')
    expect(problemIn(answer)).toMatchObject({ status: 408, code: 'request_timeout' })
  })
})

test('a request that its caller breaks off is no error of ours', async () => {
  const lines: string[] = []
  const port = await listen({}, { log: createLog('info', 'server', { write: (line) => void lines.push(line) }) })
  const asked = once(app.server, 'request')
  const socket = connect(port, '127.0.0.1')
  socket.write(
    'POST /client/v1/webhooks/stripe HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
  )
  await asked
  socket.destroy()
  await expect.poll(() => lines.join('')).toContain('request broken off')
  expect(lines.join('')).not.toContain('"level":50')
})

test('one more connection than may be open is closed; when another has ended there is room again', async () => {
  const port = await listen({ connections: 1 })
  const first = connect(port, '127.0.0.1')
  await once(first, 'connect')
  expect(await told(port, 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n').catch(() => '')).toBe('')
  first.write('GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  expect(await text(first)).toContain('200 OK')
  expect(await told(port, 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toContain('200 OK')
})

describe('event streams', () => {
  const limits = { most: 3, perUser: 2, reads: 2 }

  test('more of one user than a user may have, and more than all may have, are refused until one is closed', () => {
    const open = createStreams(limits)
    const [first, second] = [open('alice'), open('alice')]
    expect(() => open('alice')).toThrow(expect.objectContaining({ code: 'too_many_streams' }))
    open('bob')
    expect(() => open('carol')).toThrow(expect.objectContaining({ code: 'overloaded' }))
    first.close()
    first.close()
    open('carol')
    expect(() => open('dave')).toThrow(expect.objectContaining({ code: 'overloaded' }))
    second.close()
    open('alice')
  })

  test('when all are called at once, only so many read at one time, and all do', async () => {
    const open = createStreams(limits)
    const streams = [open('alice'), open('bob'), open('carol')]
    const ends: (() => void)[] = []
    const reads = streams.map(({ read }) => read(() => new Promise<void>((resolve) => ends.push(resolve))))
    await Promise.resolve()
    expect(ends).toHaveLength(2)
    for (let done = 0; done < reads.length; done++) {
      ends[done]?.()
      await reads[done]
    }
    expect(ends).toHaveLength(3)
  })
})

test('streams of access.watch are counted, read in turn, and are over when their viewer has gone', async () => {
  const hears = new Set<() => void>()
  let [reading, most] = [0, 0]
  const accessOf = async () => {
    most = Math.max(most, ++reading)
    await setImmediate()
    reading -= 1
    return []
  }
  const reads = new Proxy(Object.create(null), { get: () => accessOf })
  const onHint = (_: string, hear: () => void) => {
    hears.add(hear)
    return () => hears.delete(hear)
  }
  app = await stageServer({ reads, accessHints: { onAccessChange: onHint } }, { streams: { most: 8, perUser: 2, reads: 2 } })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const watch = (user: string) => {
    const leave = new AbortController()
    const input = encodeURIComponent(JSON.stringify({ entityId: 'vid_01m85eetz2e8qthwsqr5v0dh8g' }))
    const headers = { authorization: `Bearer ${user}` }
    const answer = fetch(`${url}/trpc/access.watch?input=${input}`, { headers, signal: leave.signal })
    return { begun: async () => (await answer).status, told: async () => (await answer).text(), leave: () => leave.abort() }
  }
  const streams = ['alice', 'alice', 'bob', 'bob', 'carol', 'carol'].map(watch)
  for (const { begun } of streams) expect(await begun()).toBe(200)
  await expect.poll(() => hears.size).toBe(6)
  // tRPC's stream has begun by then: the refusal is its only event.
  expect(await watch('alice').told()).toMatch(/^event: serialized-error\ndata: .*"code":"too_many_streams"/m)
  for (const hear of hears) hear()
  await expect.poll(() => reading).toBe(0)
  expect(most).toBe(2)
  streams[0]?.leave()
  await expect.poll(() => hears.size).toBe(5)
  const again = watch('alice')
  expect(await again.begun()).toBe(200)
  await expect.poll(() => hears.size).toBe(6)
  for (const { leave } of [...streams, again]) leave()
  await expect.poll(() => hears.size).toBe(0)
})

test('a viewer who leaves while access.watch waits for its turn leaves no stream open', async () => {
  let end = () => {}
  const busy = new Promise<never[]>((resolve) => {
    end = () => resolve([])
  })
  const reads = new Proxy(Object.create(null), { get: () => () => busy })
  app = await stageServer(
    { reads, accessHints: { onAccessChange: () => () => {} } },
    { calls: { most: 1, waiting: 10, patience: 60_000 }, streams: { most: 8, perUser: 1, reads: 2 } },
  )
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const headers = { authorization: 'Bearer alice' }
  const ask = async (path: string, signal?: AbortSignal) => {
    const asked = new Promise<IncomingMessage>((resolve) => app.server.once('request', resolve))
    const answer = fetch(`${url}${path}`, { headers, ...(signal && { signal }) })
    return { answer, request: await asked }
  }
  const film = 'vid_01m85eetz2e8qthwsqr5v0dh8g'
  const watch = `/trpc/access.watch?input=${encodeURIComponent(JSON.stringify({ entityId: film }))}`
  const first = await ask(`/client/v1/pay-to-view/access?entityId=${film}`)
  const leave = new AbortController()
  const left = await ask(watch, leave.signal)
  leave.abort()
  await expect(left.answer).rejects.toThrow('aborted')
  if (!left.request.socket.closed) await once(left.request.socket, 'close')
  const { answer } = await ask(watch)
  end()
  expect((await first.answer).status).toBe(200)
  const reader = (await answer).body?.pipeThrough(new TextDecoderStream()).getReader()
  let told = ''
  while (!told.includes(film) && !told.includes('problem')) told += (await reader?.read())?.value
  await reader?.cancel()
  expect(told).toContain('"hasAccess":false')
})

const refusal = (code: string) => ({ error: { data: { problem: expect.objectContaining({ code }) } } })

describe.each([',', '%2C', '%252C'])('calls in a batch, parted by %s', (comma) => {
  const batch = (calls: number) => `/trpc/${Array.from({ length: calls }, () => 'products.list').join(comma)}?batch=1`

  test("of more than 100 are refused as one, in tRPC's form", async () => {
    app = await stageServer({})
    const answer = await app.inject(batch(101))
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject(refusal('validation'))
    expect(answer.body).toContain('Expected at most 100 calls in a batch, not 101')
  })

  test.each([
    ['as the pages ask', {}],
    ['in another form', { 'content-type': 'application/json' }],
  ])('count one by one for their address, %s', async (_, headers) => {
    app = await stageServer({}, { perAddress: 10 })
    const ask = (calls: number) => app.inject({ url: batch(calls), headers })
    expect((await ask(6)).statusCode).not.toBe(429)
    const refused = await ask(6)
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '10'])
    expect(refused.json()).toMatchObject(refusal('rate_limited'))
  })
})

test.each(['multipart/form-data; boundary=x', 'application/octet-stream', 'text/plain', 'application/xml'])(
  'a body of the type %s is refused before it has come',
  async (type) => {
    const head = `POST /trpc/purchases.create HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\nContent-Length: 1000000000\r\n\r\n`
    const socket = connect(await listen(), '127.0.0.1')
    socket.write(head)
    // Never sent: whoever reads the body to its end waits for ever.
    const [answer] = await once(socket, 'data')
    socket.destroy()
    expect(String(answer)).toMatch(/^HTTP\/1.1 415 /)
    expect(problemIn(String(answer))).toMatchObject(refusal('unsupported_media_type'))
  },
)

test('a part that does not answer is away for /readyz within a second', async () => {
  const forever = () => new Promise<void>(() => {})
  const reads = new Proxy(Object.create(null), { get: () => async () => {} })
  app = await stageServer({ reads, pingTemporal: forever })
  const answer = await app.inject('/readyz')
  expect([answer.statusCode, answer.json()]).toEqual([503, { database: 'ok', temporal: 'away' }])
}, 2_000)
