import { setTimeout as sleep } from 'node:timers/promises'

export type Waiting = { within: number; every?: number; signal?: AbortSignal }

/** Asks again and again until the probe answers something true. A probe that throws has not answered; its last error is told in the end. */
export const waitFor = async <T>(what: string, probe: () => T | Promise<T>, { within, every = 50, signal }: Waiting) => {
  const deadline = performance.now() + within
  let last: unknown
  for (;;) {
    signal?.throwIfAborted()
    try {
      const answer = await probe()
      if (answer) return answer
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) throw new Error(`Waited ${within / 1000} s for ${what}, in vain`, { cause: last })
    await sleep(every, undefined, { signal })
  }
}

/** True when this address answers with a 2xx. */
export const answers = async (url: string) => (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok
