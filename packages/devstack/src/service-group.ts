import type { Child, ServiceFailedError } from './child.ts'
import { type Service, startService } from './service.ts'

/** Services of the front layer depend on services of the back layer and are stopped first. */
type Layer = 'front' | 'back'

type Options = { restart: boolean; log: (line: string) => void; signal?: AbortSignal | undefined }

/** Manages the services of one stack. If one service fails to start, all of them are stopped. */
export const createServiceGroup = ({ restart, log, signal: outerSignal }: Options) => {
  const layers: Record<Layer, Pick<Service, 'name' | 'stop'>[]> = { front: [], back: [] }
  const stopping = new AbortController()
  const signal = outerSignal ? AbortSignal.any([outerSignal, stopping.signal]) : stopping.signal
  let fail: (failure: ServiceFailedError) => void = () => undefined
  const failed = new Promise<ServiceFailedError>((resolve) => {
    fail = resolve
  })

  const stop = async (logStopped: (line: string) => void = () => undefined) => {
    stopping.abort(new Error('The stack is stopping'))
    for (const layer of [layers.front, layers.back]) {
      await Promise.all(
        layer.splice(0).map(async (service) => {
          await service.stop()
          logStopped(`${service.name} has stopped`)
        }),
      )
    }
  }

  return {
    signal,
    /** Resolves with the failure of the first service that has ended and is not restarted. */
    failed,
    stop,
    add: async <T extends { child: Child }>(layer: Layer, name: string, launch: (signal: AbortSignal) => Promise<T>) => {
      const { service, launched } = await startService({ name, launch, restart, log, signal })
      layers[layer].push(service)
      void service.failed.then(fail)
      return launched
    },
    /** Adds a service that runs in this process. */
    addInProcess: (layer: Layer, service: Pick<Service, 'name' | 'stop'>) => layers[layer].push(service),
    /**
     * Works like Promise.all, but after a failure, it cancels the other operations and waits for them, because nothing may start while the
     * stack is being stopped.
     */
    all: async <const T extends readonly Promise<unknown>[]>(...promises: T) => {
      const all = Promise.all(promises)
      all.catch((error: unknown) => stopping.abort(error))
      await Promise.allSettled(promises)
      return all
    },
  }
}
