import { call } from './http.ts'
import { askToBuy, type Delivery, deliver, film, live, readHistory } from './lifecycle.ts'
import { load } from './load.ts'
import type { Parts, Target } from './parts.ts'
import { quantile } from './statistics.ts'
import type { Viewer, Viewers } from './viewers.ts'

export interface RoundOptions {
  rounds: number
  /** Seconds of one measurement. */
  seconds: number
  /** Seconds of each target's warming up: V8 compiles what is called often only after a while. */
  warm: number
  concurrency: readonly number[]
  /** Which answers that change nothing are measured beside the lifecycle. */
  answers: readonly string[]
}

/** One measurement: milliseconds at the median and the 99th percentile, how many a second, CPU ms each and MiB by process. */
export interface Sample {
  what: string
  target: Target['name']
  concurrency: number
  figures: Record<string, number>
}

const spread = (name: string, values: number[]): Record<string, number> => ({
  [`${name} p50`]: quantile(values, 0.5),
  [`${name} p99`]: quantile(values, 0.99),
})

const prefixed = (prefix: string, values: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix} ${name}`, value]))

/** Milliseconds between two looks of a viewer: alone, the time to access is measured; with others, as a page would ask. */
const lookEvery = (concurrency: number): number => (concurrency === 1 ? 2 : 50)

export const measure = async (
  { targets, webhookSecret, analyze }: Parts,
  viewers: Viewers,
  { rounds, seconds, warm, concurrency, answers }: RoundOptions,
  say: (line: string) => void,
): Promise<Sample[]> => {
  const samples: Sample[] = []

  const lives = async (target: Target, at: number, length: number): Promise<Sample> => {
    await viewers.prepare(target.name, Math.ceil(length * 500))
    const { results, rate, cpu, memory } = await load(target, at, length, async () =>
      live(target, await viewers.next(target.name), webhookSecret, lookEvery(at)),
    )
    last.set(target, results.at(-1)?.delivery)
    const times = (name: 'create' | 'webhook' | 'access') =>
      spread(
        name,
        results.map((life) => life[name]),
      )
    const figures = { rate, ...times('create'), ...times('webhook'), ...times('access') }
    const named = { ...figures, ...prefixed('cpu', cpu), ...prefixed('memory', memory) }
    return { what: 'lifecycle', target: target.name, concurrency: at, figures: named }
  }

  const last = new Map<Target, Delivery | undefined>()

  /** Answers that change nothing. */
  const repeats = (target: Target, { owner, asker, delivery }: Cast): Record<string, () => Promise<unknown>> => {
    const { url } = target
    const input = encodeURIComponent(JSON.stringify({ entityId: film }))
    const check = target.name === 'plain' ? `/client/v1/pay-to-view/access?entityId=${film}` : `/trpc/access.check?input=${input}`
    return {
      reuse: () => askToBuy(target, asker),
      owned: () => askToBuy(target, owner),
      history: () => readHistory(target, owner),
      access: () => call(`${url}/client/v1/pay-to-view/access?entityId=${film}`, { headers: owner.headers }),
      'access.check': () => call(`${url}${check}`, { headers: owner.headers }),
      duplicate: () => deliver(target, delivery),
    }
  }

  const cast = async (target: Target): Promise<Cast> => {
    const [owner, asker] = [await viewers.next(target.name), await viewers.next(target.name)]
    await askToBuy(target, asker)
    return { owner, asker, delivery: (await live(target, owner, webhookSecret, 2)).delivery }
  }

  /** The durable twin answers with plain's code. */
  const hasOwnAnswers = ({ name }: Target): boolean => name !== 'durable'

  say('Warming up')
  for (const target of targets) {
    await lives(target, Math.max(...concurrency), warm)
    if (!hasOwnAnswers(target)) continue
    for (const one of Object.values(repeats(target, await cast(target)))) await load(target, 16, warm / 3, one)
  }
  await analyze()
  for (let round = 1; round <= rounds; round++) {
    // Who comes first changes, so that neither always finds the machine warm.
    const order = round % 2 === 0 ? [...targets].reverse() : targets
    for (const at of concurrency) {
      for (const target of order) {
        const sample = await lives(target, at, seconds)
        samples.push(sample)
        say(`${round}/${rounds} ${target.name} at ${at}: ${sample.figures.rate?.toFixed(1)} lifecycles/s`)
      }
    }
    const casts = new Map<Target, Cast>()
    const asked = order.filter(hasOwnAnswers)
    for (const target of asked) casts.set(target, await cast(target))
    const at = Math.min(16, Math.max(...concurrency))
    for (const what of answers) {
      for (const target of asked) {
        const known = casts.get(target)
        const one = known && repeats(target, known)[what]
        if (!one) throw new Error(`There is no ${what}`)
        const { results, rate } = await load(target, at, seconds / 4, async () => {
          const start = performance.now()
          await one()
          return performance.now() - start
        })
        samples.push({ what, target: target.name, concurrency: at, figures: { rate, ...spread('answer', results) } })
      }
    }
  }
  return samples
}

type Cast = { owner: Viewer; asker: Viewer; delivery: Delivery }
