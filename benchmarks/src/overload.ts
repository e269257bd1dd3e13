/**
 * node --import tsx benchmarks/src/overload.ts [seconds]: measures how fast users' access checks are in three situations: Stripe does not
 * respond; attackers send webhooks while purchases are being paid; attackers read a large catalog. Prints the results next to the figures
 * without load. Exits with 1 if a goal is missed. Works only on Linux.
 */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { call, closeConnections } from './http.ts'
import { fillCatalog } from './overload/fill-catalog.ts'
import { usageOf } from './process-usage.ts'
import { film, postPurchase, runLifecycle } from './purchase-lifecycle.ts'
import { type BenchStack, startBenchStack } from './stack.ts'
import { median, quantile } from './statistics.ts'
import { createUserPool, type User, type UserPool } from './users.ts'

const [seconds] = z.tuple([z.coerce.number().min(1).default(10)]).parse([process.argv[2]])

interface Reads {
  p50: number
  p99: number
}

interface Measurement {
  reads: Reads
  /** The server's peak memory usage in MiB. */
  memory: number
}

interface Row extends Measurement {
  name: string
  /** The number of responses to the load, by status or error. */
  outcomes: Record<string, number>
  /** Whether the goal is met, and a description of the goal. */
  goal: [boolean, string]
}

const silentRounds = 3
/** The maximum median duration of an access check during a flood that the server has to process. */
const maxFloodedMs = 30
const floodGoal = `p50 at most ${maxFloodedMs} ms`

/** Returns the server's memory usage in MiB. */
const memoryOf = ({ payToView }: BenchStack): number => usageOf(payToView.processes.server ?? 0).memory / 2 ** 20

/** Repeats an access check for a number of seconds, with 8 checks at a time, and samples the server's memory usage. */
const measureReads = async (stack: BenchStack, viewer: User): Promise<Measurement> => {
  const end = performance.now() + seconds * 1_000
  const durations: number[] = []
  let memory = 0
  const timer = setInterval(() => {
    memory = Math.max(memory, memoryOf(stack))
  }, 200)
  const loop = async () => {
    while (performance.now() < end) {
      const start = performance.now()
      await call(`${stack.payToView.url}/client/v1/pay-to-view/access?entityId=${film}`, { headers: viewer.headers })
      durations.push(performance.now() - start)
      // Waits between calls, because the client itself would otherwise be overloaded.
      await sleep(20)
    }
  }
  await Promise.all(Array.from({ length: 8 }, loop))
  clearInterval(timer)
  return { reads: { p50: quantile(durations, 0.5), p99: quantile(durations, 0.99) }, memory }
}

/** Runs `work` while 200 create calls of different users wait for Stripe, which does not respond. */
const withSilentStripe = async <T>(stack: BenchStack, users: UserPool, work: () => Promise<T>) => {
  const outcomes: Record<string, number> = {}
  const record = (outcome: string): void => {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  }
  await users.prepare(stack.payToView.name, 2_000)
  await call(`${stack.stripeUrl}/_test/silent`, { method: 'POST' })
  let running = true
  const loop = async () => {
    while (running) {
      const user = await users.next(stack.payToView.name)
      await postPurchase(stack.payToView, user).then(
        () => record('200'),
        (error: Error) => record(/returned (\d+)/.exec(error.message)?.[1] ?? 'closed'),
      )
    }
  }
  const loops = Promise.all(Array.from({ length: 200 }, loop))
  await sleep(1_000)
  const result = await work()
  running = false
  await call(`${stack.stripeUrl}/_test/responding`, { method: 'POST' })
  await loops
  return { result, outcomes }
}

/** The attacking process. */
let child: ReturnType<typeof execFile> | undefined

/** Runs `work` while another process attacks the server. */
const underAttack = async <T>(
  url: string,
  kind: 'slow' | 'small' | 'unauthenticated' | 'forged' | 'catalog',
  count: number,
  addresses: number,
  work: () => Promise<T>,
) => {
  const script = path.join(import.meta.dirname, 'overload/attack.ts')
  const args = ['--import', 'tsx', script, kind, url, String(count), String(addresses)]
  const output = new Promise<string>((resolve) => {
    child = execFile(process.execPath, args, (_error, stdout) => resolve(stdout))
  })
  // tsx takes a moment to start the attack.
  await sleep(3_000)
  const result = await work()
  child?.kill('SIGTERM')
  return { result, outcomes: z.record(z.string(), z.number()).parse(JSON.parse(await output)) }
}

/** Runs `work` while purchases are made and paid. Throws if a webhook of these purchases is rejected or does not give access. */
const whilePurchasing = async <T>(
  { payToView, webhookSecret }: BenchStack,
  users: UserPool,
  work: () => Promise<T>,
): Promise<T> => {
  let isWorking = true
  const purchase = async () => {
    while (isWorking) {
      await runLifecycle(payToView, await users.next(payToView.name), webhookSecret, 50)
      await sleep(200)
    }
  }
  const end = (): void => {
    isWorking = false
  }
  const [result] = await Promise.all([work().finally(end), purchase()])
  return result
}

const formatRow = ({ name, reads, memory, outcomes, goal: [isMet, goal] }: Row): string => {
  const statuses = Object.entries(outcomes).map(([status, count]) => `${count} × ${status}`)
  const cells = [name, reads.p50.toFixed(1), reads.p99.toFixed(1), memory.toFixed(0), statuses.join(', ') || '–']
  return `| ${[...cells, goal === '' ? '–' : `${goal}: ${isMet ? 'met' : 'MISSED'}`].join(' | ')} |`
}

const stack = await startBenchStack({ log: (line) => console.error(line) })
try {
  const users = createUserPool(stack.dataFolder)
  const viewer = await users.next(stack.payToView.name)
  const { url } = stack.payToView
  const measure = () => measureReads(stack, viewer)
  console.error('Warming up')
  await measure()
  console.error('Measuring')
  // The two measurements alternate, so that both have the same conditions.
  const pairs = []
  for (let round = 0; round < silentRounds; round++)
    pairs.push({ unloaded: await measure(), silent: await withSilentStripe(stack, users, measure) })
  const medianOf = (figures: readonly Measurement[]): Measurement => ({
    reads: { p50: median(figures.map(({ reads }) => reads.p50)), p99: median(figures.map(({ reads }) => reads.p99)) },
    memory: Math.max(...figures.map(({ memory }) => memory)),
  })
  const unloaded = medianOf(pairs.map((pair) => pair.unloaded))
  const silent = medianOf(pairs.map((pair) => pair.silent.result))
  const rows: Row[] = [
    { name: 'unloaded', ...unloaded, outcomes: {}, goal: [true, ''] },
    {
      ...{ name: '200 creates while Stripe is silent', ...silent, outcomes: pairs.at(-1)?.silent.outcomes ?? {} },
      // A difference of a few milliseconds is accepted, because it is due to the scheduler.
      goal: [silent.reads.p99 <= Math.max(10, 2 * unloaded.reads.p99), 'p99 at most 10 ms or twice the unloaded p99'],
    },
  ]
  for (const [kind, count, addresses, name] of [
    ['slow', 64, 4, '64 slow bodies of 900 kB from 4 addresses'],
    ['slow', 2_000, 1, '2,000 slow bodies of 900 kB from one address'],
    ['slow', 2_000, 2_000, '2,000 slow bodies of 900 kB from 2,000 addresses'],
    ['small', 2_000, 2_000, '2,000 slow bodies of 60 kB from 2,000 addresses'],
    ['unauthenticated', 2_000, 1, '2,000 slow unauthenticated bodies of 250 kB from one address'],
    ['forged', 100, 1, '100 connections with forged bodies of 1 MB from one address'],
    ['forged', 100, 100, '100 connections with forged bodies of 1 MB from 100 addresses'],
  ] as const) {
    const memoryBefore = memoryOf(stack)
    const { result, outcomes } = await underAttack(url, kind, count, addresses, () => whilePurchasing(stack, users, measure))
    const goal: Row['goal'] =
      kind === 'forged'
        ? [result.reads.p50 <= maxFloodedMs, floodGoal]
        : [result.memory - memoryBefore < 200, 'at most 200 MiB more']
    rows.push({ name, ...result, outcomes, goal })
  }
  await fillCatalog(stack.databaseUrl, 20_000)
  for (const [addresses, from] of [
    [1, 'one address'],
    [10, '10 addresses'],
  ] as const) {
    const { result, outcomes } = await underAttack(url, 'catalog', 10, addresses, measure)
    rows.push({
      ...{ name: `10 connections that read a catalog of 20,000 videos from ${from}`, ...result, outcomes },
      goal: [result.reads.p50 <= maxFloodedMs, floodGoal],
    })
  }
  console.log('| load | access check p50 ms | p99 ms | server peak MiB | responses to the load | goal |')
  console.log('| --- | ---: | ---: | ---: | --- | --- |')
  for (const row of rows) console.log(formatRow(row))
  if (rows.some(({ goal: [isMet] }) => !isMet)) process.exitCode = 1
} finally {
  child?.kill('SIGKILL')
  closeConnections()
  await stack.stop()
}
