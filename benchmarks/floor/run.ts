/**
 * node --import tsx benchmarks/floor/run.ts: what the Temporal server and a worker of its SDK cost when the workflows do nothing, in the
 * form that purchases have: a delayed start, a signal that ends the delay, a task. Prints CPU milliseconds a life by process.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { type Child, startChild } from '../../packages/devstack/src/child.ts'
import { openHome } from '../../packages/devstack/src/home.ts'
import { freePort } from '../../packages/devstack/src/ports.ts'
import { findTemporal } from '../../packages/devstack/src/temporal-binary.ts'
import { startTemporal } from '../../packages/devstack/src/temporal-server.ts'
import { waitFor } from '../../packages/devstack/src/wait.ts'
import { startOptions } from '../../temporal/starter.ts'
import { usageOf } from '../src/process.ts'
import { median, quantile } from '../src/statistics.ts'

const [seconds, concurrency] = [8, 16]
const home = openHome(mkdtempSync(path.join(tmpdir(), 'pay-to-view-floor-')))
const children: Child[] = []
const stop = async () => {
  for (const child of children.splice(0).reverse()) await child.stop()
  rmSync(home.folder, { recursive: true, force: true })
}
try {
  const binary = await findTemporal({ say: console.error })
  const temporal = await startTemporal(home, { binary, port: await freePort(), forgetful: true })
  children.push(temporal.child)
  const worker = await startChild({
    name: 'worker',
    command: process.execPath,
    args: ['--import', 'tsx', path.join(import.meta.dirname, 'worker.ts')],
    env: { TEMPORAL_ADDRESS: temporal.address },
    log: path.join(home.logs, 'worker.log'),
  })
  children.push(worker)
  const connection = await Connection.connect({ address: temporal.address })
  const client = new Client({ connection })
  let [made, waiting] = [0, 0]
  const purchase = () => ({
    id: `floor-${process.pid}-${++made}`,
    ...{
      userId: 'viewer',
      entityId: 'vid_x',
      productId: 'prod_x',
      status: 'Pending',
      title: 'Nosferatu',
      amount: 499,
      currency: 'usd',
    },
    checkoutDeadline: new Date(Date.now() + 2_400_000),
  })
  const start = async (type: string, row: ReturnType<typeof purchase>) => {
    await client.workflow.start(type, {
      ...startOptions(row, 'floor'),
      startDelay: '40 minutes',
      workflowIdConflictPolicy: 'FAIL',
    })
  }
  const tell = (type: string, row: ReturnType<typeof purchase>) =>
    client.workflow.signalWithStart(type, { ...startOptions(row, 'floor'), signal: 'told', signalArgs: [] })

  const lives: Record<string, () => Promise<void>> = {
    'a delayed start': () => start('ends', purchase()),
    'a signal that starts, without a delay before; the end of the workflow': async () => {
      await (await tell('ends', purchase())).result()
    },
    'a delayed start, a signal; the end of the workflow': async () => {
      const row = purchase()
      await start('ends', row)
      await (await tell('ends', row)).result()
    },
    'a delayed start, a signal; a local activity, a search attribute, a timer': async () => {
      const row = purchase()
      waiting++
      await start('waits', row)
      await tell('waits', row)
    },
  }
  /** Whether every life that waits has got so far: its start and its signal are answered long before. */
  const settled = async (): Promise<boolean> => {
    const { count } = await client.workflow.count(`WorkflowType = 'waits' AND PurchaseStatus = 'Completed'`)
    return count === waiting
  }
  for (const [name, live] of Object.entries(lives)) {
    const measure = async (length: number) => {
      const before = [usageOf(temporal.child.pid), usageOf(worker.pid), process.cpuUsage()] as const
      const took: number[] = []
      const began = performance.now()
      await Promise.all(
        Array.from({ length: concurrency }, async () => {
          while (performance.now() - began < length * 1000) {
            const at = performance.now()
            await live()
            took.push(performance.now() - at)
          }
        }),
      )
      await waitFor('the lives that wait', settled, { within: 60_000, every: 200 })
      const rate = (took.length / (performance.now() - began)) * 1000
      const own = process.cpuUsage(before[2])
      const each = (total: number) => (total / took.length).toFixed(1)
      return `${rate.toFixed(0)} a second, p50 ${median(took).toFixed(0)} p99 ${quantile(took, 0.99).toFixed(0)} ms; CPU ms each: Temporal ${each(usageOf(temporal.child.pid).cpu - before[0].cpu)}, worker ${each(usageOf(worker.pid).cpu - before[1].cpu)}, client ${each((own.user + own.system) / 1000)}`
    }
    await measure(2)
    console.log(`${name}: ${await measure(seconds)}`)
  }
  await connection.close()
} finally {
  await stop()
}
