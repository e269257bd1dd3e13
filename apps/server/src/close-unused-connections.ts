import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** How long a request that was sent before the stop may still be in transit. */
const gracePeriodMs = 500

/**
 * Closes connections that have not carried a request when the server stops. Browsers and Node's fetch open connections in advance; Node does
 * not count them as idle, so without this the server would wait for them until it is killed.
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
