import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from '@pay-to-view/devstack/child'
import { signal } from '@pay-to-view/devstack/processes'
import { waitFor } from '@pay-to-view/devstack/wait'

/** A process of the site that is killed and started again, with the same address and the same data. */
export interface Part {
  /** SIGKILL; started again after so many milliseconds. Fulfilled when it is ready. */
  kill(down: number): Promise<void>
  stop(): Promise<void>
}

/** What starts the part; rejects when it does not come up, as when a part is away that it needs for that. */
export type Launch = () => Promise<{ child: Child }>

/** `onCrash` is told when it ends although nobody killed it. It is then started again, as whatever supervises it in production does. */
export const startPart = async (name: string, launch: Launch, onCrash: (how: string) => void): Promise<Part> => {
  let { child } = await launch()
  let [killed, stopped] = [false, false]
  let down = 0
  let alive = watch()

  /** Until it is up again after this end. */
  async function watch(): Promise<void> {
    const how = await child.ended
    if (stopped) return
    if (!killed) onCrash(`${name} ended by itself (${how}); its log is ${child.log}`)
    await sleep(down)
    await waitFor(`${name} to be back`, async () => ({ child } = await launch()), { within: 120_000, every: 250 })
    killed = false
    down = 0
    alive = watch()
    if (stopped) await child.stop()
  }

  return {
    kill: async (milliseconds) => {
      // One that is on its way up is killed when it is there.
      while (child.hasEnded()) await alive
      const back = alive
      killed = true
      down = milliseconds
      signal(child.pid, 'SIGKILL')
      await back
    },
    stop: async () => {
      stopped = true
      await child.stop()
      await alive
    },
  }
}
