import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** Milliseconds in which a request that was sent before the stop may still arrive. */
const arrival = 500

/**
 * Browsers and Node's fetch open connections ahead that may never carry a request. A server that stops closes those that are idle, and
 * does not count these as such: it would wait for them until it is killed.
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
    }, arrival).unref()
  })
}
