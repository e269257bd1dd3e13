import { checkDependency } from '@pay-to-view/telemetry'
import type { FastifyPluginAsync } from 'fastify'
import type { ServerDeps } from './deps.ts'
import type { Metrics } from './metrics.ts'

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
      const [database, temporal] = await Promise.all([checkDependency(reads.ping()), checkDependency(pingTemporal())])
      return reply.code(database === 'ok' && temporal === 'ok' ? 200 : 503).send({ database, temporal })
    })
    app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
  }
