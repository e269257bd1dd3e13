import { type Usage, usageOf } from './process-usage.ts'
import type { Target } from './stack.ts'

export interface LoadResult<T> {
  results: T[]
  /** Operations per second. */
  rate: number
  /** The CPU time per operation in milliseconds, by process. */
  cpu: Record<string, number>
  /** The memory usage after the load in MiB, by process. */
  memory: Record<string, number>
}

const usageByProcess = ({ processes }: Target): [string, Usage][] =>
  Object.entries(processes).map(([name, pid]) => [name, usageOf(pid)])

/**
 * Repeats an operation for the given number of seconds, with `concurrency` operations at a time. Operations that are still running at the
 * end are completed and counted.
 */
export const applyLoad = async <T>(
  target: Target,
  concurrency: number,
  seconds: number,
  operation: () => Promise<T>,
): Promise<LoadResult<T>> => {
  const results: T[] = []
  const before = new Map(usageByProcess(target))
  const start = performance.now()
  const end = start + seconds * 1000
  const loop = async () => {
    do results.push(await operation())
    while (performance.now() < end)
  }
  await Promise.all(Array.from({ length: concurrency }, loop))
  const elapsedMs = performance.now() - start
  const after = usageByProcess(target)
  const cpuPerOperation = ([name, { cpu }]: [string, Usage]) => [name, (cpu - (before.get(name)?.cpu ?? 0)) / results.length]
  return {
    results,
    rate: (results.length / elapsedMs) * 1000,
    cpu: Object.fromEntries(after.map(cpuPerOperation)),
    memory: Object.fromEntries(after.map(([name, { memory }]) => [name, memory / 2 ** 20])),
  }
}
