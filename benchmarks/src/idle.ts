/**
 * node --import tsx benchmarks/src/idle.ts [purchases]: CPU of every process in a minute in which nothing happens, first without and then
 * with that many purchases that wait for their payment; and what each of them keeps of memory.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { withClient } from '@pay-to-view/devstack/postgres'
import { createPurchaseClient } from '@pay-to-view/workflow-client/client'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { z } from 'zod'
import { film, product } from './lifecycle.ts'
import { startParts } from './parts.ts'
import { usageOf } from './process.ts'

const count = z.coerce.number().int().min(1).default(20_000).parse(process.argv[2])
const [minute, settle] = [60_000, 10_000]

const parts = await startParts({ say: (line) => console.error(line) })
try {
  const ours = parts.targets.find(({ name }) => name === 'pay-to-view')
  if (!ours) throw new Error('pay-to-view is not measured')
  const look = () => Object.entries(ours.processes).map(([name, pid]) => ({ name, ...usageOf(pid) }))
  const rest = async (what: string): Promise<void> => {
    await pause(settle)
    const before = look()
    await pause(minute)
    const told = look().map(
      ({ name, cpu, memory }, at) => `${name} ${cpu - (before[at]?.cpu ?? 0)} ms, ${(memory / 2 ** 20).toFixed(0)} MiB`,
    )
    console.log(`${what}: ${told.join('; ')}`)
  }
  await rest('Nothing open')

  const rows = await withClient(parts.databaseUrl, (client) =>
    client.query<{ id: string; userId: string; checkoutDeadline: Date }>(
      `insert into purchases (id, user_id, entity_id, product_id, amount, currency, checkout_request, checkout_deadline, workflow_started_at)
      select 'ptv_0' || lpad(to_hex(n), 25, '0'), 'waiting-' || n, $1, $2, 499, 'usd', '{}', now() + interval '1 day', now()
      from generate_series(1, $3::int) n returning id, user_id as "userId", checkout_deadline as "checkoutDeadline"`,
      [film, product, count],
    ),
  )
  const client = createTemporalClient({ address: parts.temporalAddress, namespace: 'default', tls: false })
  const purchases = createPurchaseClient({ client, taskQueue: 'pay-to-view', callTimeoutMs: 60_000 })
  const began = performance.now()
  const waiting = rows.rows.values()
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      for (const row of waiting) {
        const quoted = { entityId: film, productId: product, status: 'Pending', title: 'Nosferatu', amount: 499, currency: 'usd' }
        await purchases.start({ ...row, ...quoted })
      }
    }),
  )
  console.error(`${count} started in ${((performance.now() - began) / 1000).toFixed(0)} s`)
  await client.connection.close()
  await rest(`${count} purchases wait for their payment`)
} finally {
  await parts.stop()
}
