import { createServer, type Server } from 'node:http'
import { checkDependency } from '@pay-to-view/telemetry'

export interface HealthDeps {
  scrape: () => Promise<{ contentType: string; body: string }>
  /** Returns the state of Temporal's worker, which is RUNNING while the worker polls for tasks. */
  workerState: () => string
  pingDatabase: () => Promise<unknown>
  pingTemporal: () => Promise<unknown>
}

/** Serves /healthz (the process is running), /readyz (the worker is running and its dependencies are available) and /metrics (for Prometheus). */
export const createHealthServer = ({ scrape, workerState, pingDatabase, pingTemporal }: HealthDeps): Server =>
  createServer(async (request, response) => {
    if (request.url === '/metrics') {
      const { contentType, body } = await scrape()
      response.writeHead(200, { 'content-type': contentType }).end(body)
      return
    }
    const send = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    const state = workerState()
    if (request.url === '/healthz') return send(200, { worker: state })
    const [database, temporal] = await Promise.all([checkDependency(pingDatabase()), checkDependency(pingTemporal())])
    const isReady = state === 'RUNNING' && database === 'ok' && temporal === 'ok'
    send(isReady ? 200 : 503, { worker: state, database, temporal })
  })
