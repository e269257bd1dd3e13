import { z } from 'zod'
import { troubles } from './lives/troubles.ts'

const Laid = z.object({ id: z.string(), on: z.string(), effect: z.string(), hits: z.number() })

/** A fault of the emulator: apps/stripe-emulator/README.md. */
export interface Trouble {
  on: 'api' | 'webhook'
  effect: string
  [setting: string]: unknown
}

/** What is wrong with Stripe, all the time and for a while; counted by what it is. */
export const createTroubles = (stripeApi: string, seed: number) => {
  const hits = new Map<string, number>()
  let wanted = true

  const ask = async (method: string, to = '', body?: object): Promise<unknown> => {
    const answer = await fetch(`${stripeApi}/_test/faults${to}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`The emulator says ${answer.status} to ${method} faults${to}: ${await answer.text()}`)
    return answer.json()
  }

  /** Before they are forgotten. */
  const count = async () => {
    const { data } = z.object({ data: z.array(Laid) }).parse(await ask('GET'))
    for (const { on, effect, hits: times } of data) hits.set(`${on} ${effect}`, (hits.get(`${on} ${effect}`) ?? 0) + times)
  }

  return {
    hits,
    count,
    /** At every start of the emulator, which keeps its data and not its faults. */
    lay: async () => {
      for (const trouble of wanted ? troubles : []) await ask('POST', '', { seed, ...trouble })
    },
    /** Fulfilled when it has been laid; it hits so many times at most, and is gone when the emulator is killed. */
    add: (trouble: Trouble) => ask('POST', '', trouble),
    end: async () => {
      wanted = false
      await count()
      await ask('DELETE')
    },
  }
}
