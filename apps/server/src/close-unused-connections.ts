import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** How long unused connections stay open after the server begins to stop, so that requests that are already in transit can still arrive. */
const gracePeriodMs = 500

/**
 * When the server stops, closes connections that have never carried a request. Browsers and Node's fetch open connections in
 * advance. Node does not count these as idle, so the server would otherwise wait for them until it is killed.
 */
export const closeUnusedConnections = (app: FastifyInstance): void => {
  const unused = new Set<Socket>()
  app.server.on('connection', (socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  app.server.on('request', ({ socket }) => unused.delete(socket))
  app.addHook('preClose', async () => {
    setTimeout(() => {
      for (const socket of unused) socket.destroy()
    }, gracePeriodMs).unref()
  })
}
