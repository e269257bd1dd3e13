import { connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** A TCP proxy between services that injects network faults. All times are in milliseconds. */
export interface TcpProxy {
  port: number
  /** Closes every connection and refuses new ones for `durationMs`. */
  disconnect(durationMs: number): Promise<void>
  /** Stops forwarding data for `durationMs`; connections stay open. */
  stall(durationMs: number): Promise<void>
  /** For `durationMs`, delays every chunk by `latencyMs`. */
  addLatency(durationMs: number, latencyMs: number): Promise<void>
  stop(): Promise<void>
}

/** Distributes connections round-robin over the targets. If a target refuses a connection, the next target is tried. */
export const startTcpProxy = async (port: number, targets: readonly number[]): Promise<TcpProxy> => {
  const sockets = new Set<Socket>()
  let activeDisconnects = 0
  let stalled: Promise<unknown> = Promise.resolve()
  let currentLatencyMs = 0
  let nextTarget = 0

  const faultyStream = () =>
    new Transform({
      transform: async (chunk: Buffer, _encoding, done) => {
        if (currentLatencyMs > 0) await sleep(currentLatencyMs)
        await stalled
        done(null, chunk)
      },
    })

  const track = (socket: Socket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.once('close', () => sockets.delete(socket))
    return socket
  }

  const connectUpstream = async (attempts: number): Promise<Socket> => {
    const socket = track(connect(targets[nextTarget++ % targets.length] ?? 0, '127.0.0.1'))
    try {
      await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
      return socket
    } catch (error) {
      if (attempts > 1) return connectUpstream(attempts - 1)
      throw error
    }
  }

  const server = createServer(async (client) => {
    track(client).on('error', () => client.destroy())
    if (activeDisconnects > 0) return client.destroy()
    try {
      const upstream = await connectUpstream(targets.length)
      await Promise.all([pipeline(client, faultyStream(), upstream), pipeline(upstream, faultyStream(), client)])
    } catch {
      // When one side closes, the other side is also closed.
      client.destroy()
    }
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))

  return {
    port,
    disconnect: async (durationMs) => {
      activeDisconnects += 1
      for (const socket of sockets) socket.destroy()
      await sleep(durationMs)
      activeDisconnects -= 1
    },
    stall: async (durationMs) => {
      stalled = Promise.all([stalled, sleep(durationMs)])
      await stalled
    },
    addLatency: async (durationMs, latencyMs) => {
      currentLatencyMs += latencyMs
      await sleep(durationMs)
      currentLatencyMs -= latencyMs
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
