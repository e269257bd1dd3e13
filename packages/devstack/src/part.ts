import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, PartFailed } from './child.ts'

/** A part of the stack: a program that is started again when it ends although nobody stopped it. */
export type Part = {
  name: string
  /** Fulfilled when it has ended and is not started again, with why. */
  failed: Promise<PartFailed>
  stop: () => Promise<void>
}

export type PartOptions<T extends { child: Child }> = {
  name: string
  /** Starts the program and resolves when it is ready; when it does not get there, stops it and rejects. */
  launch: (signal: AbortSignal) => Promise<T>
  /** False: an unexpected end is the end. In a test nothing should hide that a part has crashed. */
  restart: boolean
  say: (line: string) => void
  signal: AbortSignal
}

/** So many times in a row; a part that was up for a while has its tries back. */
const TRIES = 5
const CALM = 60_000

const pause = (tries: number) => Math.min(500 * 2 ** (tries - 1), 8000)

/** `first` is what the first launch gave: where the part is does not change. */
export const startPart = async <T extends { child: Child }>({ name, launch, restart, say, signal }: PartOptions<T>) => {
  const stopping = new AbortController()
  const first = await launch(signal)
  let { child } = first

  /** Until it has failed for good; null when it was stopped. */
  const live = async (): Promise<PartFailed | null> => {
    let tries = 0
    for (;;) {
      const began = performance.now()
      const how = await child.ended
      if (stopping.signal.aborted) return null
      if (performance.now() - began > CALM) tries = 0
      for (let up = false; !up; ) {
        if (!restart || tries === TRIES) return new PartFailed(child, `ended (${how})`)
        tries += 1
        say(`${name} ended (${how}): starting it again`)
        try {
          await sleep(pause(tries), undefined, { signal: stopping.signal })
          child = (await launch(stopping.signal)).child
          say(`${name} is back`)
          up = true
        } catch {
          if (stopping.signal.aborted) return null
        }
      }
    }
  }
  const life = live()
  const part: Part = {
    name,
    failed: new Promise((resolve) => {
      void life.then((failure) => failure && resolve(failure))
    }),
    stop: async () => {
      stopping.abort()
      await child.stop()
      await life
    },
  }
  return { part, first }
}
