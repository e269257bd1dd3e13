import { call } from './http.ts'
import { applyLoad } from './load.ts'
import { film, getHistory, postPurchase, postWebhook, runLifecycle, type SignedWebhook } from './purchase-lifecycle.ts'
import type { BenchStack, Target } from './stack.ts'
import { quantile } from './statistics.ts'
import type { User, UserPool } from './users.ts'

/** Requests that change no data. They are measured in addition to the purchase lifecycle. */
export const requestNames = ['reuse', 'owned', 'history', 'access', 'access.check', 'duplicate'] as const

export interface MeasureOptions {
  rounds: number
  /** The duration of a measurement, in seconds. */
  seconds: number
  /** The warm-up time per target in seconds. It is needed because V8 optimizes hot functions only after some time. */
  warm: number
  concurrency: readonly number[]
  requests: readonly string[]
}

/**
 * One measurement. `figures` contains the `rate` per second, p50 and p99 in milliseconds, and, for each process, the CPU time per operation
 * in milliseconds and the memory usage in MiB.
 */
export interface Sample {
  name: string
  target: Target['name']
  concurrency: number
  figures: Record<string, number>
}

/** The users and the webhook for one target's repeated requests. */
interface RequestFixture {
  /** A user who has bought the film. */
  owner: User
  /** A user with an open checkout for the film. */
  buyer: User
  /** The webhook of the owner's purchase, which has already been processed. */
  webhook: SignedWebhook
}

type Log = (line: string) => void

/** Measures every target in every round and returns all samples. */
export const measure = async (stack: BenchStack, users: UserPool, options: MeasureOptions, log: Log): Promise<Sample[]> => {
  const samples: Sample[] = []
  log('Warming up')
  await warmUp(stack, users, options)
  for (let round = 1; round <= options.rounds; round++) {
    // The order alternates, so that no target always runs first.
    const targets = round % 2 === 0 ? [...stack.targets].reverse() : stack.targets
    for (const concurrency of options.concurrency) {
      for (const target of targets) {
        const sample = await measureLifecycle(stack, users, target, concurrency, options.seconds)
        samples.push(sample)
        const rate = sample.figures.rate?.toFixed(1)
        log(`${round}/${options.rounds} ${target.name} at ${concurrency}: ${rate} lifecycles/s`)
      }
    }
    samples.push(...(await measureRequests(stack, users, targets, options)))
  }
  return samples
}

const warmUp = async (stack: BenchStack, users: UserPool, { concurrency, warm }: MeasureOptions): Promise<void> => {
  for (const target of stack.targets) {
    await measureLifecycle(stack, users, target, Math.max(...concurrency), warm)
    if (!servesOwnRequests(target)) continue
    const requests = requestsOf(target, await createFixture(stack, users, target))
    for (const name of requestNames) await applyLoad(target, 16, warm / 3, requests[name])
  }
  await stack.analyze()
}

const measureLifecycle = async (
  { webhookSecret }: BenchStack,
  users: UserPool,
  target: Target,
  concurrency: number,
  seconds: number,
): Promise<Sample> => {
  await users.prepare(target.name, Math.ceil(seconds * 500))
  const { results, rate, cpu, memory } = await applyLoad(target, concurrency, seconds, async () =>
    runLifecycle(target, await users.next(target.name), webhookSecret, pollIntervalMs(concurrency)),
  )
  const durations = (step: 'create' | 'webhook' | 'access') =>
    quantilesOf(
      step,
      results.map((result) => result[step]),
    )
  const figures = {
    ...{ rate, ...durations('create'), ...durations('webhook'), ...durations('access') },
    ...{ ...withPrefix('cpu', cpu), ...withPrefix('memory', memory) },
  }
  return { name: 'lifecycle', target: target.name, concurrency, figures }
}

/** A single user polls often, so that the time to access is measured precisely. Many users poll only as often as a page would. */
const pollIntervalMs = (concurrency: number): number => (concurrency === 1 ? 2 : 50)

const measureRequests = async (
  stack: BenchStack,
  users: UserPool,
  targets: readonly Target[],
  { concurrency, seconds, requests: names }: MeasureOptions,
): Promise<Sample[]> => {
  const samples: Sample[] = []
  const measured: { target: Target; requests: Record<string, () => Promise<unknown>> }[] = []
  for (const target of targets.filter(servesOwnRequests)) {
    measured.push({ target, requests: requestsOf(target, await createFixture(stack, users, target)) })
  }
  const requestConcurrency = Math.min(16, Math.max(...concurrency))
  for (const name of names) {
    for (const { target, requests } of measured) {
      const request = requests[name]
      if (!request) throw new Error(`Unknown request "${name}"; expected one of ${requestNames.join(', ')}`)
      const { results, rate } = await applyLoad(target, requestConcurrency, seconds / 4, async () => {
        const start = performance.now()
        await request()
        return performance.now() - start
      })
      const figures = { rate, ...quantilesOf('response', results) }
      samples.push({ name, target: target.name, concurrency: requestConcurrency, figures })
    }
  }
  return samples
}

/** The durable baseline is measured only with lifecycles, because it handles all other requests with the plain baseline's code. */
const servesOwnRequests = ({ name }: Target): boolean => name !== 'durable'

const requestsOf = (
  target: Target,
  { owner, buyer, webhook }: RequestFixture,
): Record<(typeof requestNames)[number], () => Promise<unknown>> => {
  const { url } = target
  const accessPath = `/client/v1/pay-to-view/access?entityId=${film}`
  const input = encodeURIComponent(JSON.stringify({ entityId: film }))
  const checkPath = target.name === 'plain' ? accessPath : `/trpc/access.check?input=${input}`
  return {
    reuse: () => postPurchase(target, buyer),
    owned: () => postPurchase(target, owner),
    history: () => getHistory(target, owner),
    access: () => call(`${url}${accessPath}`, { headers: owner.headers }),
    'access.check': () => call(`${url}${checkPath}`, { headers: owner.headers }),
    duplicate: () => postWebhook(target, webhook),
  }
}

const createFixture = async ({ webhookSecret }: BenchStack, users: UserPool, target: Target): Promise<RequestFixture> => {
  const [owner, buyer] = [await users.next(target.name), await users.next(target.name)]
  await postPurchase(target, buyer)
  return { owner, buyer, webhook: (await runLifecycle(target, owner, webhookSecret, 2)).signedWebhook }
}

const quantilesOf = (name: string, values: number[]): Record<string, number> => ({
  [`${name} p50`]: quantile(values, 0.5),
  [`${name} p99`]: quantile(values, 0.99),
})

const withPrefix = (prefix: string, values: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix} ${name}`, value]))
