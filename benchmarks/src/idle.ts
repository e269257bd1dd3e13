/**
 * node --import tsx benchmarks/src/idle.ts [purchases]: measures every process's CPU time and memory usage during a minute without
 * requests, first with no open purchases and then with many purchases that are waiting for payment.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { withClient } from '@pay-to-view/devstack/postgres'
import { createPurchaseClient } from '@pay-to-view/workflow-client/client'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { z } from 'zod'
import { usageOf } from './process-usage.ts'
import { film, product } from './purchase-lifecycle.ts'
import { type BenchStack, startBenchStack } from './stack.ts'

const purchaseCount = z.coerce.number().int().min(1).default(20_000).parse(process.argv[2])
const [measuredMs, settleMs] = [60_000, 10_000]

const reportIdleUsage = async ({ payToView }: BenchStack, label: string): Promise<void> => {
  const usage = () => Object.entries(payToView.processes).map(([name, pid]) => ({ name, ...usageOf(pid) }))
  await sleep(settleMs)
  const before = usage()
  await sleep(measuredMs)
  const figures = usage().map(
    ({ name, cpu, memory }, at) => `${name} ${cpu - (before[at]?.cpu ?? 0)} ms, ${(memory / 2 ** 20).toFixed(0)} MiB`,
  )
  console.log(`${label}: ${figures.join('; ')}`)
}

/** Inserts purchases directly and starts their workflows, 32 at a time. */
const startPendingPurchases = async ({ databaseUrl, temporalAddress }: BenchStack, count: number): Promise<void> => {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ id: string; userId: string; checkoutDeadline: Date }>(
      `insert into purchases (id, user_id, entity_id, product_id, amount, currency, checkout_request, checkout_deadline, workflow_started_at)
      select 'ptv_0' || lpad(to_hex(n), 25, '0'), 'waiting-' || n, $1, $2, 499, 'usd', '{}', now() + interval '1 day', now()
      from generate_series(1, $3::int) n returning id, user_id as "userId", checkout_deadline as "checkoutDeadline"`,
      [film, product, count],
    ),
  )
  const client = createTemporalClient({ address: temporalAddress, namespace: 'default', tls: false })
  const purchases = createPurchaseClient({ client, taskQueue: 'pay-to-view', callTimeoutMs: 60_000 })
  const start = performance.now()
  const remaining = rows.values()
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      for (const row of remaining) {
        const quote = { entityId: film, productId: product, status: 'Pending', title: 'Nosferatu', amount: 499, currency: 'usd' }
        await purchases.start({ ...row, ...quote })
      }
    }),
  )
  console.error(`Started ${count} purchases in ${((performance.now() - start) / 1000).toFixed(0)} s`)
  await client.connection.close()
}

const stack = await startBenchStack({ log: (line) => console.error(line) })
try {
  await reportIdleUsage(stack, 'No open purchases')
  await startPendingPurchases(stack, purchaseCount)
  await reportIdleUsage(stack, `${purchaseCount} pending purchases`)
} finally {
  await stack.stop()
}
