/**
 * node --import tsx benchmarks/src/soak.ts [seconds] [at once]: lives one after the other for so long, and meanwhile the memory of every
 * process, and what was in use in each heap of Node's after its last full collection.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { hangUp } from './http.ts'
import { live } from './lifecycle.ts'
import { startParts } from './parts.ts'
import { usageOf } from './process.ts'
import { createViewers } from './viewers.ts'

const [seconds, atOnce] = z
  .tuple([z.coerce.number().int().min(10).default(120), z.coerce.number().int().min(1).default(8)])
  .parse([process.argv[2], process.argv[3]])

/** MiB after the last full collection of each heap that a log of --trace-gc tells of: the main thread's, and that of each other thread. */
const heapsIn = (log: string): string => {
  const heaps = new Map<string, string>()
  const collections = readFileSync(log, 'utf8').matchAll(/:(0x[0-9a-f]+)\].* Mark-Compact .*?-> ([\d.]+) \(/g)
  for (const [, heap = '', after = ''] of collections) heaps.set(heap, after)
  return [...heaps.values()].map((after) => Number(after).toFixed(0)).join(' + ')
}

const parts = await startParts({ node: ['--trace-gc'], say: (line) => console.error(line) })
try {
  const ours = parts.targets.find(({ name }) => name === 'pay-to-view')
  if (!ours) throw new Error('pay-to-view is not measured')
  const viewers = createViewers(parts.home)
  let lives = 0
  const tell = () => {
    const memory = Object.entries(ours.processes).map(([name, pid]) => `${name} ${(usageOf(pid).memory / 2 ** 20).toFixed(0)}`)
    const heaps = ['server', 'worker'].map((name) => `${name} ${heapsIn(path.join(parts.home.logs, `${name}.log`))}`)
    console.log(`${lives} lives: MiB ${memory.join(', ')}; heaps ${heaps.join(', ')}`)
  }
  const timer = setInterval(tell, 20_000)
  const end = performance.now() + seconds * 1000
  const loop = async () => {
    for (; performance.now() < end; lives++) await live(ours, await viewers.next(ours.name), parts.webhookSecret, 50)
  }
  await Promise.all(Array.from({ length: atOnce }, loop))
  clearInterval(timer)
  tell()
} finally {
  hangUp()
  await parts.stop()
}
