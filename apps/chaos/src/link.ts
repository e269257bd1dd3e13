import { createServer, connect as dial, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** The way from some parts to another: a TCP proxy that can be cut, held up and slowed. */
export interface Link {
  port: number
  /** Ends every connection, and refuses new ones for so long. */
  cut(milliseconds: number): Promise<void>
  /** Lets nothing through for so long: connections stay open. */
  hold(milliseconds: number): Promise<void>
  /** For so long, everything comes `delay` later. */
  slow(milliseconds: number, delay: number): Promise<void>
  stop(): Promise<void>
}

/** Connections go to the targets in turn; one that is refused goes to the next. */
export const startLink = async (port: number, targets: readonly number[]): Promise<Link> => {
  const sockets = new Set<Socket>()
  let cuts = 0
  let held: Promise<unknown> = Promise.resolve()
  let delay = 0
  let turn = 0

  const passage = () =>
    new Transform({
      transform: async (chunk: Buffer, _encoding, done) => {
        if (delay > 0) await sleep(delay)
        await held
        done(null, chunk)
      },
    })

  const own = (socket: Socket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.once('close', () => sockets.delete(socket))
    return socket
  }

  const reach = async (tries: number): Promise<Socket> => {
    const socket = own(dial(targets[turn++ % targets.length] ?? 0, '127.0.0.1'))
    try {
      await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
      return socket
    } catch (error) {
      if (tries > 1) return reach(tries - 1)
      throw error
    }
  }

  const server = createServer(async (client) => {
    own(client).on('error', () => client.destroy())
    if (cuts > 0) return client.destroy()
    try {
      const upstream = await reach(targets.length)
      await Promise.all([pipeline(client, passage(), upstream), pipeline(upstream, passage(), client)])
    } catch {
      // Either side has gone: so does the other.
      client.destroy()
    }
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))

  return {
    port,
    cut: async (milliseconds) => {
      cuts += 1
      for (const socket of sockets) socket.destroy()
      await sleep(milliseconds)
      cuts -= 1
    },
    hold: async (milliseconds) => {
      held = Promise.all([held, sleep(milliseconds)])
      await held
    },
    slow: async (milliseconds, by) => {
      delay += by
      await sleep(milliseconds)
      delay -= by
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
