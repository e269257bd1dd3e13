import { checkDependency } from '@pay-to-view/telemetry'
import type { FastifyPluginAsync } from 'fastify'
import type { ServerDeps } from './deps.ts'
import type { Metrics } from './metrics.ts'

/** Serves /healthz (the process is running), /readyz (its dependencies are available and it is not draining) and /metrics (for Prometheus). */
export const serveHealth =
  (
    { reads, pingTemporal, draining }: Pick<ServerDeps, 'reads' | 'pingTemporal' | 'draining'>,
    { registry }: Metrics,
  ): FastifyPluginAsync =>
  async (app) => {
    app.get('/healthz', async () => ({ status: 'ok' }))
    app.get('/readyz', async (_request, reply) => {
      if (draining.aborted) return reply.code(503).send({ draining: true })
      const [database, temporal] = await Promise.all([checkDependency(reads.ping()), checkDependency(pingTemporal())])
      return reply.code(database === 'ok' && temporal === 'ok' ? 200 : 503).send({ database, temporal })
    })
    app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
  }
