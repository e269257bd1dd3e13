/** node --import tsx benchmarks/src/soak.ts [seconds]: lives one after the other for so long, eight at once, and the memory of every process meanwhile. */
import { z } from 'zod'
import { hangUp } from './http.ts'
import { live } from './lifecycle.ts'
import { startParts } from './parts.ts'
import { usageOf } from './process.ts'
import { createViewers } from './viewers.ts'

const seconds = z.coerce.number().int().min(10).default(120).parse(process.argv[2])
const parts = await startParts({ say: (line) => console.error(line) })
try {
  const ours = parts.targets.find(({ name }) => name === 'pay-to-view')
  if (!ours) throw new Error('pay-to-view is not measured')
  const viewers = createViewers(parts.home)
  let lives = 0
  const tell = () => {
    const memory = Object.entries(ours.processes).map(([name, pid]) => `${name} ${(usageOf(pid).memory / 2 ** 20).toFixed(0)}`)
    console.log(`${lives} lives: MiB ${memory.join(', ')}`)
  }
  const timer = setInterval(tell, 10_000)
  const end = performance.now() + seconds * 1000
  const loop = async () => {
    for (; performance.now() < end; lives++) await live(ours, await viewers.next(ours.name), parts.webhookSecret, 50)
  }
  await Promise.all(Array.from({ length: 8 }, loop))
  clearInterval(timer)
  tell()
} finally {
  hangUp()
  await parts.stop()
}
