import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { buildTestServer } from './test-server.ts'

let app: FastifyInstance
afterEach(() => app?.close())

const trpcProblem = (code: string) => ({ error: { data: { problem: expect.objectContaining({ code }) } } })

describe.each([',', '%2C', '%252C'])('a batch whose calls are separated by %s', (comma) => {
  const batchUrl = (calls: number) => `/trpc/${Array.from({ length: calls }, () => 'products.list').join(comma)}?batch=1`

  test('is rejected as a whole above 100 calls, in the error format of tRPC', async () => {
    app = await buildTestServer({})
    const response = await app.inject(batchUrl(101))
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject(trpcProblem('validation'))
    expect(response.body).toContain('Expected at most 100 calls in a batch, got 101')
  })

  test.each([
    ['in the format of our client', {}],
    ['in another format', { 'content-type': 'application/json' }],
  ])('counts each call against the rate limit of the address, %s', async (_, headers) => {
    app = await buildTestServer({}, { callsPerAddress: 10 })
    const send = async (calls: number) => await app.inject({ url: batchUrl(calls), headers })
    expect((await send(6)).statusCode).not.toBe(429)
    const rejected = await send(6)
    expect([rejected.statusCode, rejected.headers['retry-after']]).toEqual([429, '10'])
    expect(rejected.json()).toMatchObject(trpcProblem('rate_limited'))
  })
})
