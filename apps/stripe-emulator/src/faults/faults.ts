import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { newId } from '../ids.ts'

/**
 * Options of every fault. Each fault has its own seeded random number generator, so the same seed and the same order of requests always
 * cause the same faults.
 */
const trigger = {
  /** The maximum number of requests that the fault affects; by default unlimited. */
  times: z.coerce.number().int().min(1).optional(),
  probability: z.coerce.number().min(0).max(1).default(1),
  seed: z.coerce.number().int().default(1),
}

/** A duration in milliseconds, such as 200; a range, such as [100, 500]; or a range from an HTML form, such as "100-500". */
const ms = z.preprocess(
  (value) => (typeof value === 'string' ? value.split('-') : value),
  z.union([
    z
      .number()
      .min(0)
      .transform((n): [number, number] => [n, n]),
    z.tuple([z.coerce.number().min(0)]).transform(([n]): [number, number] => [n, n]),
    z.tuple([z.coerce.number().min(0), z.coerce.number().min(0)]),
  ]),
)

const api = { on: z.literal('api'), ...trigger, path: z.string().optional(), method: z.string().toUpperCase().optional() }
const webhook = {
  on: z.literal('webhook'),
  ...trigger,
  types: z
    .preprocess((value) => (typeof value === 'string' ? value.split(/[\s,]+/).filter(Boolean) : value), z.array(z.string()))
    .default([]),
}

const ApiFault = z.discriminatedUnion('effect', [
  z.strictObject({ effect: z.literal('rate_limit'), ...api }),
  z.strictObject({ effect: z.literal('error'), ...api }),
  z.strictObject({ effect: z.literal('timeout'), ...api, ms: ms.optional() }),
  z.strictObject({ effect: z.literal('cut'), ...api }),
  z.strictObject({ effect: z.literal('lost_response'), ...api }),
  z.strictObject({ effect: z.literal('latency'), ...api, ms }),
])
const WebhookFault = z.discriminatedUnion('effect', [
  z.strictObject({ effect: z.literal('delay'), ...webhook, ms }),
  z.strictObject({ effect: z.literal('repeat'), ...webhook, count: z.coerce.number().int().min(1).max(100).default(1) }),
  z.strictObject({ effect: z.literal('reorder'), ...webhook, window: z.coerce.number().int().min(2).max(100).default(4) }),
  z.strictObject({ effect: z.literal('drop'), ...webhook }),
])
export const FaultInput = z.discriminatedUnion('on', [ApiFault, WebhookFault])
type ApiFault = z.output<typeof ApiFault>
type WebhookFault = z.output<typeof WebhookFault>

export type Fault<F = ApiFault | WebhookFault> = { id: string; hits: number; fault: F; random: () => number }

const toJson = ({ id, hits, fault }: Fault) => ({ id, hits, ...fault })

/** The mulberry32 random number generator, which is small, seeded, and uniform enough for this purpose. */
const randomGenerator = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
}

export interface RequestFault {
  effect: ApiFault['effect']
  /** True if the connection is closed before the request is executed. */
  preventsExecution: boolean
  delay: (request: IncomingMessage) => Promise<void>
}

export class Faults {
  #faults = new Map<string, Fault>()

  add(fault: ApiFault | WebhookFault) {
    const added = { id: newId('fault'), hits: 0, fault, random: randomGenerator(fault.seed) }
    this.#faults.set(added.id, added)
    return toJson(added)
  }

  list() {
    return [...this.#faults.values()].map(toJson)
  }

  remove(id: string): boolean {
    return this.#faults.delete(id)
  }

  clear() {
    this.#faults.clear()
    return { data: this.list() }
  }

  forRequest(method: string, path: string): RequestFault | undefined {
    const hit = this.#firstHit(
      (fault) => fault.on === 'api' && (!fault.method || fault.method === method) && path.startsWith(fault.path ?? '/v1'),
    )
    if (hit?.fault.on !== 'api') return undefined
    const { effect } = hit.fault
    const delayMs = 'ms' in hit.fault && hit.fault.ms ? randomBetween(hit.fault.ms, hit.random) : undefined
    return {
      effect,
      preventsExecution: effect === 'cut' || effect === 'timeout',
      // A timeout without `ms` lasts until the client disconnects.
      delay: async (request) => {
        if (delayMs !== undefined) await sleep(delayMs)
        else if (effect === 'timeout') await new Promise<void>((resolve) => request.socket.once('close', () => resolve()))
      },
    }
  }

  forDelivery(type: string): { fault: WebhookFault; random: () => number } | undefined {
    const hit = this.#firstHit((fault) => fault.on === 'webhook' && (fault.types.length === 0 || fault.types.includes(type)))
    return hit?.fault.on === 'webhook' ? { fault: hit.fault, random: hit.random } : undefined
  }

  #firstHit(matches: (fault: ApiFault | WebhookFault) => boolean): Fault | undefined {
    for (const entry of this.#faults.values()) {
      if (!matches(entry.fault) || entry.hits >= (entry.fault.times ?? Number.POSITIVE_INFINITY)) continue
      if (entry.random() >= entry.fault.probability) continue
      entry.hits++
      return entry
    }
    return undefined
  }
}

export const randomBetween = ([min, max]: [number, number], random: () => number): number => min + random() * (max - min)
