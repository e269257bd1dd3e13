import { inTime } from '@pay-to-view/api'
import type { FastifyPluginAsync } from 'fastify'
import type { ServerDeps } from './deps.ts'
import type { Metrics } from './metrics.ts'

/** Milliseconds that a part may take to answer: less than the second or two that load balancers wait for us. */
const patience = 900

const soon = (ping: Promise<void>): Promise<void> =>
  inTime(patience, ping, () => new Error(`Expected an answer in ${patience} ms`))

const say = (part: PromiseSettledResult<unknown>) => (part.status === 'fulfilled' ? 'ok' : 'away')

/** /healthz: the process lives. /readyz: it can work, and is not about to stop. /metrics: for Prometheus. */
export const serveHealth =
  (
    { reads, pingTemporal, leaving }: Pick<ServerDeps, 'reads' | 'pingTemporal' | 'leaving'>,
    { registry }: Metrics,
  ): FastifyPluginAsync =>
  async (app) => {
    app.get('/healthz', async () => ({ status: 'ok' }))
    app.get('/readyz', async (_request, reply) => {
      if (leaving.aborted) return reply.code(503).send({ leaving: true })
      const [database, temporal] = await Promise.allSettled([soon(reads.ping()), soon(pingTemporal())])
      const ready = database.status === 'fulfilled' && temporal.status === 'fulfilled'
      return reply.code(ready ? 200 : 503).send({ database: say(database), temporal: say(temporal) })
    })
    app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
  }
