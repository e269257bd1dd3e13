import type { FastifyInstance } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { buildTestServer } from './test-server.ts'

let app: FastifyInstance
afterEach(() => app?.close())

test('/readyz reports a dependency that does not respond as unavailable within two seconds', async () => {
  const neverResolves = () => new Promise<void>(() => {})
  const reads = new Proxy(Object.create(null), { get: () => async () => {} })
  app = await buildTestServer({ reads, pingTemporal: neverResolves })
  const startedAt = performance.now()
  const response = await app.inject('/readyz')
  expect([response.statusCode, response.json()]).toEqual([503, { database: 'ok', temporal: 'unavailable' }])
  expect(performance.now() - startedAt).toBeLessThan(2_000)
})
