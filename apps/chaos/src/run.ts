import { countOf } from '@pay-to-view/purchase'
import { countMails, findEmailViolations } from './emails.ts'
import { describeFault, injectFault } from './inject-fault.ts'
import { advanceTime, findViolations, waitUntilNoViolations } from './invariants.ts'
import { createPlan, type Fault, type Plan, type PlanOptions } from './plan.ts'
import { ViolationError } from './purchase-faults.ts'
import { PurchaseScenario } from './scenarios/scenario.ts'
import type { ServiceName } from './services.ts'
import { type ChaosStack, startChaosStack } from './stack.ts'
import { createTaskPool } from './task-pool.ts'
import { countReceived, findWebhookViolations } from './webhooks.ts'

export interface ChaosOptions extends PlanOptions {
  /** Maximum number of concurrent purchase scenarios. */
  concurrency: number
  /** Seconds after which no new scenario or fault starts. */
  duration: number
  /** Whether to run the services from the output of `npm run build`. */
  built?: boolean
  log: (line: string) => void
}

export interface ChaosResult {
  seed: number
  purchases: { planned: number; run: number; paid: number }
  faults: { planned: number; injected: Map<Fault['kind'], number> }
  kills: { planned: number; injected: Map<ServiceName, number> }
  /** The number of API calls and webhooks that the emulator's faults affected, by target and effect. */
  stripeFaultHits: Map<string, number>
  webhooks: { messages: number; repeated: number }
  emails: { sent: number; repeated: number }
  violations: string[]
  seconds: { purchases: number; settling: number }
}

const maxConcurrentFaults = 2

/** How long the stack may take to reach a consistent state after the last fault. */
const settleTimeoutMs = 180_000

const increment = <T>(counts: Map<T, number>, key: T) => counts.set(key, (counts.get(key) ?? 0) + 1)

export const runChaos = async (options: ChaosOptions): Promise<ChaosResult> => {
  const { seed, built, log } = options
  const plan = createPlan(options)
  const plannedFaults = plan.flatMap((step) => ('fault' in step ? [step.fault] : []))
  const stack = await startChaosStack({ seed, built, log })
  let violations: string[] = ['the run did not finish']
  try {
    const startedAt = performance.now()
    const elapsed = () => (performance.now() - startedAt) / 1_000
    log('Starting purchases and faults')
    const { scenarios, faults, kills, violations: faultViolations } = await executePlan(stack, plan, { ...options, elapsed })
    const purchaseSeconds = elapsed()
    log(`${purchaseSeconds.toFixed(1)} s: faults have ended; moving times back by 15 minutes`)
    await stack.emulatorFaults.removeAll()
    await advanceTime(stack.driver)
    const check = async (): Promise<string[]> => {
      const found = await findViolations(stack.driver, scenarios, stack.stripeApi)
      // Webhook messages are checked last, because messages about the reconciler's latest repairs may still be in transit.
      if (found.length > 0) return found
      const messages = await findWebhookViolations(stack.driver, stack.dataFolder, stack.receivers)
      return [...messages, ...(await findEmailViolations(stack.driver, stack.dataFolder))]
    }
    const remaining = await waitUntilNoViolations(check, settleTimeoutMs)
    violations = [...scenarios.flatMap((scenario) => scenario.violations), ...faultViolations, ...stack.crashes, ...remaining]
    return {
      seed,
      purchases: {
        planned: options.purchases,
        run: scenarios.length,
        paid: scenarios.filter(({ paymentCount }) => paymentCount > 0).length,
      },
      faults: { planned: plannedFaults.length, injected: faults },
      kills: { planned: plannedFaults.filter(({ kind }) => kind === 'kill').length, injected: kills },
      stripeFaultHits: stack.emulatorFaults.hits,
      webhooks: countReceived(stack.dataFolder, stack.receivers),
      emails: countMails(stack.dataFolder),
      violations,
      seconds: { purchases: purchaseSeconds, settling: elapsed() - purchaseSeconds },
    }
  } finally {
    if (violations.length > 0) log(`Logs: ${stack.logs}`)
    await stack.stop({ keepLogs: violations.length > 0 })
  }
}

const executePlan = async (
  stack: ChaosStack,
  plan: Plan,
  { concurrency, duration, log, elapsed }: ChaosOptions & { elapsed: () => number },
) => {
  const faults = new Map<Fault['kind'], number>()
  const kills = new Map<ServiceName, number>()
  const scenarios: PurchaseScenario[] = []
  const violations: string[] = []
  const scenarioPool = createTaskPool(concurrency)
  const faultPool = createTaskPool(maxConcurrentFaults)
  for (const step of plan) {
    if (elapsed() > duration) break
    if ('scenario' in step) {
      const scenario = new PurchaseScenario(stack.driver, `user-${scenarios.length}`, step.scenario)
      await scenarioPool.start(() => scenario.run())
      scenarios.push(scenario)
    } else {
      const { fault } = step
      // This fault measures how long calls take, so no other fault may be active during it.
      const isAlone = fault.kind === 'silent_stripe'
      if (isAlone) await faultPool.drain()
      await faultPool.start(async () => {
        log(`${elapsed().toFixed(1)} s, after ${countOf(scenarios.length, 'purchase')}: ${describeFault(fault)}`)
        await injectFault(stack, fault, scenarios).catch((error: unknown) => {
          if (!(error instanceof ViolationError)) throw error
          violations.push(error.message)
        })
        increment(faults, fault.kind)
        if (fault.kind === 'kill') increment(kills, fault.service)
      })
      if (isAlone) await faultPool.drain()
    }
  }
  await scenarioPool.drain()
  await faultPool.drain()
  return { scenarios, faults, kills, violations }
}
