import type { Child, PartFailed } from './child.ts'
import { type Part, startPart } from './part.ts'

/** `front` needs `back`, and is stopped before it. */
type Layer = 'front' | 'back'

type Options = { restart: boolean; say: (line: string) => void; signal?: AbortSignal | undefined }

export type Crew = ReturnType<typeof createCrew>

/** The parts of one stack: they come up together or not at all. */
export const createCrew = ({ restart, say, signal: outer }: Options) => {
  const layers: Record<Layer, Pick<Part, 'name' | 'stop'>[]> = { front: [], back: [] }
  const halt = new AbortController()
  const signal = outer ? AbortSignal.any([outer, halt.signal]) : halt.signal
  let fail: (failure: PartFailed) => void = () => undefined
  const failed = new Promise<PartFailed>((resolve) => {
    fail = resolve
  })

  const stop = async (tell: (line: string) => void = () => undefined) => {
    halt.abort(new Error('The stack is stopped'))
    for (const layer of [layers.front, layers.back]) {
      await Promise.all(
        layer.splice(0).map(async (part) => {
          await part.stop()
          tell(`${part.name} has stopped`)
        }),
      )
    }
  }

  return {
    signal,
    failed,
    stop,
    add: async <T extends { child: Child }>(layer: Layer, name: string, launch: (signal: AbortSignal) => Promise<T>) => {
      const { part, first } = await startPart({ name, launch, restart, say, signal })
      layers[layer].push(part)
      void part.failed.then(fail)
      return first
    },
    /** Something that runs inside this process. */
    keep: (layer: Layer, part: Pick<Part, 'name' | 'stop'>) => layers[layer].push(part),
    /**
     * Side by side. When one fails the others are given up, and waited for: nothing may still be on its way up when the stack is taken down.
     */
    together: async <const T extends readonly Promise<unknown>[]>(...work: T) => {
      const all = Promise.all(work)
      all.catch((error: unknown) => halt.abort(error))
      await Promise.allSettled(work)
      return all
    },
  }
}
