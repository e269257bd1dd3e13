import { z } from 'zod'
import { backgroundFaults } from './scenarios/background-faults.ts'

const ActiveFault = z.object({ id: z.string(), on: z.string(), effect: z.string(), hits: z.number() })

/** A fault of the Stripe emulator. The emulator's README lists the options. */
export interface EmulatorFault {
  on: 'api' | 'webhook'
  effect: string
  [option: string]: unknown
}

/** Injects faults into the Stripe emulator and counts their hits by target and effect. */
export const createEmulatorFaults = (stripeApi: string, seed: number) => {
  const hits = new Map<string, number>()
  let enabled = true

  const request = async (method: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${stripeApi}/_test/faults`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} /_test/faults returned ${response.status}: ${await response.text()}`)
    return response.json()
  }

  /** Adds the emulator's hit counts to `hits`. The emulator loses these counts when it restarts or its faults are deleted. */
  const collectHits = async () => {
    const { data } = z.object({ data: z.array(ActiveFault) }).parse(await request('GET'))
    for (const fault of data) {
      const key = `${fault.on} ${fault.effect}`
      hits.set(key, (hits.get(key) ?? 0) + fault.hits)
    }
  }

  return {
    hits,
    collectHits,
    /** Must be called after every start of the emulator, which persists its data but not its faults. */
    addBackgroundFaults: async () => {
      for (const fault of enabled ? backgroundFaults : []) await request('POST', { seed, ...fault })
    },
    /** The fault lasts until it has hit `times` requests or the emulator is killed. */
    add: (fault: EmulatorFault) => request('POST', fault),
    removeAll: async () => {
      enabled = false
      await collectHits()
      await request('DELETE')
    },
  }
}
