import { setTimeout as sleep } from 'node:timers/promises'
import { checkPurchases, checkTables, type Finding } from '@pay-to-view/db'
import { comparePayments, compareSessions } from '@pay-to-view/ops/compare-with-stripe'
import { createGateway, createStripe } from '@pay-to-view/stripe'
import { poisonEventPrefix } from './purchase-faults.ts'
import { checkAccess } from './scenarios/check-access.ts'
import { compareWithStripe } from './scenarios/compare-with-stripe.ts'
import { recordMovedCheckouts, type StackDriver } from './scenarios/driver.ts'
import type { PurchaseScenario } from './scenarios/scenario.ts'
import { advanceRetries } from './webhooks.ts'

/**
 * Simulates 15 minutes passing by moving the times in the database back. The reconciler and the doctor then treat unfinished work as
 * overdue, and every unpaid checkout reaches its deadline.
 */
export const advanceTime = async (driver: StackDriver): Promise<void> => {
  const { query, reachCheckoutDeadline } = driver
  const step = "interval '15 minutes'"
  await query(
    `update stripe_events set received_at = received_at - ${step}, dispatched_at = dispatched_at - ${step} where applied_at is null`,
  )
  await query(`update refund_requests set created_at = created_at - ${step} where responded_at is null`)
  const open = await query(
    `with moved as (
       update purchases set created_at = created_at - ${step}, workflow_started_at = workflow_started_at - ${step},
         checkout_deadline = now() - ${step} where status = $1::purchase_status returning *
     ) ${recordMovedCheckouts} select id from moved`,
    ['Pending', 15],
  )
  for (const { id } of open) await reachCheckoutDeadline(String(id))
  await advanceRetries(driver)
}

const describeFinding = ({ level, rule, id, detail }: Finding): string => `${level} ${rule} ${id} ${detail}`

/** Returns the violated invariants: the doctor's findings, differences from Stripe, and failed purchase workflows. */
export const findViolations = async (
  driver: StackDriver,
  scenarios: readonly PurchaseScenario[],
  stripeApi: string,
): Promise<string[]> => {
  const { db, temporal } = driver
  const now = new Date()
  const violations: string[] = []
  for await (const { findings } of checkTables(db, now)) violations.push(...findings.map(describeFinding))
  for await (const { findings } of checkPurchases(db, now)) violations.push(...findings.map(describeFinding))
  violations.push(...(await compareWithStripe(driver, scenarios)), ...(await checkAccess(driver, scenarios)))
  const poison = await driver.query(
    "select id, outcome from stripe_events where starts_with(id, $1) and (outcome <> 'set_aside' or applied_at is not null)",
    [poisonEventPrefix],
  )
  violations.push(...poison.map(({ id, outcome }) => `the poison event ${id} is ${outcome}`))
  const { count } = await temporal.workflow.count(
    "WorkflowType = 'purchase' AND ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated')",
  )
  if (count > 0) violations.push(`purchase workflows that failed, timed out or were terminated: ${count}`)
  // The doctor's comparison with Stripe is slow, so it runs only when all other invariants hold.
  if (violations.length > 0) return violations
  const gateway = createGateway(createStripe({ secretKey: 'sk_test_doctor', apiBase: stripeApi }))
  for await (const findings of compareSessions(db, gateway, 0)) violations.push(...findings.map(describeFinding))
  for await (const { findings } of comparePayments(db, gateway, 0)) violations.push(...findings.map(describeFinding))
  return violations
}

/** Repeats the check until it finds no violations. After `timeoutMs`, returns the last violations found. */
export const waitUntilNoViolations = async (check: () => Promise<string[]>, timeoutMs: number): Promise<string[]> => {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const violations = await check()
    if (violations.length === 0 || performance.now() > deadline) return violations
    await sleep(1_000)
  }
}
