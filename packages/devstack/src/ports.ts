import { once } from 'node:events'
import { createServer } from 'node:net'
import getPort, { portNumbers } from 'get-port'

export const defaultPorts = {
  api: 3000,
  issuer: 3001,
  worker: 3002,
  web: 5173,
  postgres: 5433,
  temporal: 7233,
  temporalUi: 8233,
  emulator: 12111,
  mail: 8025,
  smtp: 1025,
} as const

export type PortName = keyof typeof defaultPorts

// This range is below the ephemeral ports for outgoing connections (Linux: 32768 and up), so no client takes a port after our check and
// before the service listens. The search begins at a random port, so that test files that run in parallel do not use the same ports.
const [lowestPort, highestPort] = [20_000, 31_999]

export const freePort = () => {
  const start = lowestPort + Math.floor(Math.random() * (highestPort - lowestPort - 1000))
  return getPort({ port: portNumbers(start, start + 1000) })
}

/** Returns the default port, or a free port if the default is taken. */
export const preferredPort = async (name: PortName, log: (line: string) => void) => {
  const preferred = defaultPorts[name]
  if ((await getPort({ port: preferred })) === preferred) return preferred
  const port = await freePort()
  log(`Port ${preferred} (${name}) is taken: using ${port}`)
  return port
}

const isPortTaken = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'

/**
 * Chooses ports and listens on them. Another program may take a port before we listen, such as a second stack that starts at the same time.
 * In this case, other ports are chosen; the ports that `choose` returned once are not returned again for at least 15 seconds.
 */
export const listenOnChosen = async <Ports, T>(
  choose: () => Promise<Ports>,
  listen: (ports: Ports) => Promise<T>,
  attemptsLeft = 5,
): Promise<T> => {
  try {
    return await listen(await choose())
  } catch (error) {
    if (!isPortTaken(error) || attemptsLeft <= 1) throw error
    return listenOnChosen(choose, listen, attemptsLeft - 1)
  }
}

/** A port that other programs cannot use until it is released. */
export interface ReservedPort {
  port: number
  release: () => Promise<void>
}

/**
 * Reserves a port until its service starts, which may take a minute. Otherwise, a second stack that starts in the meantime could choose the
 * same port.
 */
export const reservePort = async (port: number): Promise<ReservedPort> => {
  const server = createServer((socket) => socket.destroy())
  server.unref().listen(port)
  await once(server, 'listening')
  return {
    port,
    release: async () => {
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    },
  }
}
