import type { Target } from './parts.ts'
import { type Usage, usageOf } from './process.ts'

export interface Load<T> {
  results: T[]
  /** A second. */
  rate: number
  /** CPU milliseconds one of them cost, by process. */
  cpu: Record<string, number>
  /** MiB afterwards, by process. */
  memory: Record<string, number>
}

const look = ({ processes }: Target): [string, Usage][] => Object.entries(processes).map(([name, pid]) => [name, usageOf(pid)])

/** Does one thing again and again, `concurrency` at once, for some seconds; what is under way then is finished and counted. */
export const load = async <T>(target: Target, concurrency: number, seconds: number, one: () => Promise<T>): Promise<Load<T>> => {
  const results: T[] = []
  const before = new Map(look(target))
  const start = performance.now()
  const end = start + seconds * 1000
  const loop = async () => {
    do results.push(await one())
    while (performance.now() < end)
  }
  await Promise.all(Array.from({ length: concurrency }, loop))
  const took = performance.now() - start
  const after = look(target)
  const cost = ([name, { cpu }]: [string, Usage]) => [name, (cpu - (before.get(name)?.cpu ?? 0)) / results.length]
  return {
    results,
    rate: (results.length / took) * 1000,
    cpu: Object.fromEntries(after.map(cost)),
    memory: Object.fromEntries(after.map(([name, { memory }]) => [name, memory / 2 ** 20])),
  }
}
