import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { createStreamLimiter } from '../src/stream-limiter.ts'
import { buildTestServer } from './test-server.ts'

let app: FastifyInstance
afterEach(() => app?.close())

describe('the stream limiter', () => {
  const limits = { maxOpen: 3, maxPerUser: 2, concurrentReads: 2 }

  test('rejects streams above the limit per user and above the total limit until a stream is closed', () => {
    const open = createStreamLimiter(limits)
    const [first, second] = [open('alice'), open('alice')]
    expect(() => open('alice')).toThrow(expect.objectContaining({ code: 'too_many_connections' }))
    open('bob')
    expect(() => open('carol')).toThrow(expect.objectContaining({ code: 'overloaded' }))
    first.close()
    first.close()
    open('carol')
    expect(() => open('dave')).toThrow(expect.objectContaining({ code: 'overloaded' }))
    second.close()
    open('alice')
  })

  test('limits concurrent reads across all streams, and completes all of them', async () => {
    const open = createStreamLimiter(limits)
    const streams = [open('alice'), open('bob'), open('carol')]
    const finishers: (() => void)[] = []
    const reads = streams.map(({ read }) => read(() => new Promise<void>((resolve) => finishers.push(resolve))))
    await Promise.resolve()
    expect(finishers).toHaveLength(2)
    for (const [index, read] of reads.entries()) {
      finishers[index]?.()
      await read
    }
    expect(finishers).toHaveLength(3)
  })
})

const entityId = 'vid_01m85eetz2e8qthwsqr5v0dh8g'
const watchPath = `/trpc/access.watch?input=${encodeURIComponent(JSON.stringify({ entityId }))}`

const oneCall = { concurrency: 1, maxQueued: 10, queueTimeoutMs: 60_000 }

test('streams of access.watch are limited, read with limited concurrency, and end when the client disconnects', async () => {
  const listeners = new Set<() => void>()
  let [reading, maxReading] = [0, 0]
  const readAccess = async () => {
    maxReading = Math.max(maxReading, ++reading)
    await setImmediate()
    reading -= 1
    return []
  }
  const reads = new Proxy(Object.create(null), { get: () => readAccess })
  const onAccessChange = (_: string, listener: () => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  app = await buildTestServer(
    { reads, accessChanges: { onAccessChange, onEntityChange: () => () => {} } },
    { streams: { maxOpen: 8, maxPerUser: 2, concurrentReads: 2 } },
  )
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })
  const watch = (user: string) => {
    const client = new AbortController()
    const headers = { authorization: `Bearer ${user}` }
    const response = fetch(baseUrl + watchPath, { headers, signal: client.signal })
    return {
      status: async () => (await response).status,
      text: async () => (await response).text(),
      disconnect: () => client.abort(),
    }
  }
  const streams = ['alice', 'alice', 'bob', 'bob', 'carol', 'carol'].map(watch)
  for (const { status } of streams) expect(await status()).toBe(200)
  await expect.poll(() => listeners.size).toBe(6)
  // tRPC has already started the stream with status 200, so the error is sent as the stream's only event.
  expect(await watch('alice').text()).toMatch(/^event: serialized-error\ndata: .*"code":"too_many_connections"/m)
  for (const listener of listeners) listener()
  await expect.poll(() => reading).toBe(0)
  expect(maxReading).toBe(2)
  streams[0]?.disconnect()
  await expect.poll(() => listeners.size).toBe(5)
  const reopened = watch('alice')
  expect(await reopened.status()).toBe(200)
  await expect.poll(() => listeners.size).toBe(6)
  for (const { disconnect } of [...streams, reopened]) disconnect()
  await expect.poll(() => listeners.size).toBe(0)
})

test('a client that disconnects while its access.watch is queued leaves no stream open', async () => {
  let finishReads = () => {}
  const pendingRead = new Promise<never[]>((resolve) => {
    finishReads = () => resolve([])
  })
  const reads = new Proxy(Object.create(null), { get: () => () => pendingRead })
  app = await buildTestServer(
    { reads, accessChanges: { onAccessChange: () => () => {}, onEntityChange: () => () => {} } },
    {
      calls: { reads: oneCall, lists: oneCall, creates: oneCall, commands: oneCall, catalog: oneCall },
      streams: { maxOpen: 8, maxPerUser: 1, concurrentReads: 2 },
    },
  )
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })
  const headers = { authorization: 'Bearer alice' }
  const send = async (path: string, signal?: AbortSignal) => {
    const requestReceived = new Promise<IncomingMessage>((resolve) => app.server.once('request', resolve))
    const response = fetch(baseUrl + path, { headers, ...(signal && { signal }) })
    return { response, request: await requestReceived }
  }
  const first = await send(`/client/v1/pay-to-view/access?entityId=${entityId}`)
  const client = new AbortController()
  const disconnected = await send(watchPath, client.signal)
  client.abort()
  await expect(disconnected.response).rejects.toThrow('aborted')
  if (!disconnected.request.socket.closed) await once(disconnected.request.socket, 'close')
  const { response } = await send(watchPath)
  finishReads()
  expect((await first.response).status).toBe(200)
  const reader = (await response).body?.pipeThrough(new TextDecoderStream()).getReader()
  let received = ''
  while (!received.includes(entityId) && !received.includes('problem')) received += (await reader?.read())?.value
  await reader?.cancel()
  expect(received).toContain('"hasAccess":false')
})
