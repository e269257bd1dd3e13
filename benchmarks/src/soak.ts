/**
 * node --import tsx benchmarks/src/soak.ts [seconds] [concurrency]: runs purchase lifecycles continuously and prints the resident memory of
 * every process, and the size of each Node heap after its last full garbage collection.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { closeConnections } from './http.ts'
import { usageOf } from './process-usage.ts'
import { runLifecycle } from './purchase-lifecycle.ts'
import { startBenchStack } from './stack.ts'
import { createUserPool } from './users.ts'

const [seconds, concurrency] = z
  .tuple([z.coerce.number().int().min(10).default(120), z.coerce.number().int().min(1).default(8)])
  .parse([process.argv[2], process.argv[3]])

/** Returns the size in MiB of every heap after its last full garbage collection, from a `--trace-gc` log. Each thread has its own heap. */
const heapSizes = (log: string): string => {
  const sizes = new Map<string, string>()
  const collections = readFileSync(log, 'utf8').matchAll(/:(0x[0-9a-f]+)\].* Mark-Compact .*?-> ([\d.]+) \(/g)
  for (const [, heap = '', size = ''] of collections) sizes.set(heap, size)
  return [...sizes.values()].map((size) => Number(size).toFixed(0)).join(' + ')
}

const stack = await startBenchStack({ nodeOptions: ['--trace-gc'], log: (line) => console.error(line) })
try {
  const { payToView } = stack
  const users = createUserPool(stack.dataFolder)
  let count = 0
  const report = () => {
    const memory = Object.entries(payToView.processes).map(
      ([name, pid]) => `${name} ${(usageOf(pid).memory / 2 ** 20).toFixed(0)}`,
    )
    const heaps = ['server', 'worker'].map((name) => `${name} ${heapSizes(path.join(stack.dataFolder.logs, `${name}.log`))}`)
    console.log(`${count} lifecycles: MiB ${memory.join(', ')}; heaps ${heaps.join(', ')}`)
  }
  const timer = setInterval(report, 20_000)
  const end = performance.now() + seconds * 1000
  const loop = async () => {
    for (; performance.now() < end; count++) {
      await runLifecycle(payToView, await users.next(payToView.name), stack.webhookSecret, 50)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, loop))
  clearInterval(timer)
  report()
} finally {
  closeConnections()
  await stack.stop()
}
