import { waitFor } from '@pay-to-view/devstack/wait'
import { useStack } from '@pay-to-view/testing/stack'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findViolations } from '../src/invariants.ts'
import { addAccessCatalog } from '../src/scenarios/access-catalog.ts'
import { backgroundFaults } from '../src/scenarios/background-faults.ts'
import { createStackDriver, type StackDriver } from '../src/scenarios/driver.ts'
import { addCodesAndTax, addPricedProduct } from '../src/scenarios/priced-catalog.ts'
import { PurchaseScenario } from '../src/scenarios/scenario.ts'
import { scenarioSteps } from '../src/scenarios/steps.ts'

const stack = useStack({
  environment: { AUTOMATIC_TAX: 'on', INVOICES: 'on' },
  workerEnvironment: { RECONCILE_EVERY: '2', RECONCILE_GRACE: '1' },
})
let driver: StackDriver
beforeAll(async () => {
  driver = createStackDriver(stack().stack, stack().token)
  await addPricedProduct(driver.db)
  await addAccessCatalog(driver.db)
  await addCodesAndTax(driver.emulator)
})
afterAll(() => driver?.close())

/** Set SCENARIOS to run more scenarios. */
const scenarioCount = Number(process.env.SCENARIOS ?? 100)
const concurrency = 12

// Set SCENARIO_SEED to repeat the same scenarios.
const seed = Number(process.env.SCENARIO_SEED ?? Date.now() % 2 ** 31)

test(`after ${scenarioCount} purchase scenarios, the database agrees with Stripe and the doctor finds nothing (SCENARIO_SEED=${seed})`, async () => {
  const scenarios = fc
    .sample(scenarioSteps, { numRuns: scenarioCount, seed })
    .map((steps, n) => new PurchaseScenario(driver, `scenario-${n}`, steps))
  for (const fault of backgroundFaults) await driver.emulator('faults', { seed, ...fault })
  const queue = [...scenarios]
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let scenario = queue.shift(); scenario; scenario = queue.shift()) await scenario.run()
    }),
  )
  await driver.emulator('faults', {}, 'DELETE')
  expect(scenarios.flatMap((scenario) => scenario.violations)).toEqual([])
  // With too few payments, the test proves nothing.
  expect(scenarios.filter((scenario) => scenario.paymentCount > 0).length).toBeGreaterThan(scenarioCount / 2)

  let violations: string[] = []
  await waitFor(
    'every purchase to match Stripe',
    async () => {
      violations = await findViolations(driver, scenarios, stack().stack.stripeApi)
      return violations.length === 0
    },
    { timeoutMs: 120_000, intervalMs: 1_000 },
  ).catch(() => expect(violations).toEqual([]))
}, 400_000)
