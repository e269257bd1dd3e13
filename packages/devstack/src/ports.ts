import getPort, { portNumbers } from 'get-port'

/** Where each part listens when nobody else does. */
export const DEFAULT_PORTS = {
  api: 3000,
  issuer: 3001,
  worker: 3002,
  web: 5173,
  postgres: 5433,
  temporal: 7233,
  temporalUi: 8233,
  emulator: 12111,
} as const

export type PortName = keyof typeof DEFAULT_PORTS

// Free ports come from below the range that systems give to outgoing connections (Linux: 32768 and up), so that no client can be given
// one between our look and the part's listen. A random start keeps test files that run side by side apart.
const [LOWEST, HIGHEST] = [20_000, 31_999]

export const freePort = () => {
  const start = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST - 1000))
  return getPort({ port: portNumbers(start, start + 1000) })
}

/** The default where it is free; else another one, and a word about it. */
export const preferredPort = async (name: PortName, say: (line: string) => void) => {
  const wanted = DEFAULT_PORTS[name]
  if ((await getPort({ port: wanted })) === wanted) return wanted
  const port = await freePort()
  say(`Port ${wanted} (${name}) is taken: using ${port}`)
  return port
}
