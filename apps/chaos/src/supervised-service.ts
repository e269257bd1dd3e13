import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from '@pay-to-view/devstack/child'
import { sendSignal } from '@pay-to-view/devstack/process-table'
import { waitFor } from '@pay-to-view/devstack/wait'

/** A service that is restarted at the same address and with the same data whenever its process exits. */
export interface SupervisedService {
  /** Sends SIGKILL and restarts the service after `downtimeMs`. Resolves when the service is ready again. */
  kill(downtimeMs: number): Promise<void>
  stop(): Promise<void>
}

/** Starts the service. Rejects if the service does not become ready, for example because a dependency is down. */
export type StartService = () => Promise<{ child: Child }>

const restartTimeoutMs = 120_000

/** Restarts the service after every exit that `stop` did not cause. Calls `onCrash` if neither `kill` nor `stop` caused the exit. */
export const superviseService = async (
  name: string,
  start: StartService,
  onCrash: (description: string) => void,
): Promise<SupervisedService> => {
  let { child } = await start()
  let [killed, stopped] = [false, false]
  let downtimeMs = 0
  let restarted = restartOnExit()

  /** Resolves when the service is ready again after its next exit. */
  async function restartOnExit(): Promise<void> {
    const exit = await child.exit
    if (stopped) return
    if (!killed) onCrash(`${name} exited unexpectedly (${exit}); log: ${child.log}`)
    await sleep(downtimeMs)
    const tryStart = async () => ({ child } = await start())
    await waitFor(`${name} to restart`, tryStart, { timeoutMs: restartTimeoutMs, intervalMs: 250 })
    killed = false
    downtimeMs = 0
    restarted = restartOnExit()
    if (stopped) await child.stop()
  }

  return {
    kill: async (milliseconds) => {
      // A service that is restarting is killed once it is ready.
      while (child.hasExited()) await restarted
      const ready = restarted
      killed = true
      downtimeMs = milliseconds
      sendSignal(child.pid, 'SIGKILL')
      await ready
    },
    stop: async () => {
      stopped = true
      await child.stop()
      await restarted
    },
  }
}
