import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, ServiceFailedError } from './child.ts'

/** One process of the stack. It can be restarted when it ends unexpectedly. */
export type Service = {
  name: string
  /** Resolves when the process has ended unexpectedly and is not restarted again. */
  failed: Promise<ServiceFailedError>
  stop: () => Promise<void>
}

export type ServiceOptions<T extends { child: Child }> = {
  name: string
  /** Starts the process and resolves when it is ready. If the process does not become ready, stops it and rejects. */
  launch: (signal: AbortSignal) => Promise<T>
  /** Whether to restart the process after a crash. False in tests, where a crash must not go unnoticed. */
  restart: boolean
  log: (line: string) => void
  signal: AbortSignal
}

/** The maximum number of consecutive restarts. The count is reset after the service has run for `stableAfterMs`. */
const maxRestarts = 5
const stableAfterMs = 60_000

const restartDelayMs = (restarts: number) => Math.min(500 * 2 ** (restarts - 1), 8000)

/**
 * Starts and supervises a service. `launched` is the result of the first launch, which remains valid because a restarted service has the
 * same address.
 */
export const startService = async <T extends { child: Child }>({ name, launch, restart, log, signal }: ServiceOptions<T>) => {
  const stopping = new AbortController()
  const launched = await launch(signal)
  let { child } = launched

  /** Resolves with the failure when the service has failed permanently, or with null when it has been stopped. */
  const supervise = async (): Promise<ServiceFailedError | null> => {
    let restarts = 0
    for (;;) {
      const startedAt = performance.now()
      const how = await child.exit
      if (stopping.signal.aborted) return null
      if (performance.now() - startedAt > stableAfterMs) restarts = 0
      for (let isUp = false; !isUp; ) {
        if (!restart || restarts === maxRestarts) return new ServiceFailedError(child, `ended (${how})`)
        restarts += 1
        log(`${name} ended (${how}): restarting it`)
        try {
          await sleep(restartDelayMs(restarts), undefined, { signal: stopping.signal })
          child = (await launch(stopping.signal)).child
          log(`${name} is running again`)
          isUp = true
        } catch {
          if (stopping.signal.aborted) return null
        }
      }
    }
  }
  const supervision = supervise()
  const service: Service = {
    name,
    failed: new Promise((resolve) => {
      void supervision.then((failure) => failure && resolve(failure))
    }),
    stop: async () => {
      stopping.abort()
      await child.stop()
      await supervision
    },
  }
  return { service, launched }
}
