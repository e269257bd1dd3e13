import { setTimeout as sleep } from 'node:timers/promises'
import { checkPurchases, checkTables, type Finding } from '@pay-to-view/db'
import { createGateway, createStripe } from '@pay-to-view/stripe'
import { checkAgainstStripe, checkLedgerAgainstStripe } from '../../ops/src/doctor-stripe.ts'
import { compare } from './lives/compare.ts'
import type { Life } from './lives/life.ts'
import type { World } from './lives/world.ts'

/**
 * A quarter of an hour passes: what was asked for and not done is late now for the reconciler and for the doctor, and every checkout that
 * nobody paid has come to its end.
 */
export const passTime = async ({ query, endCheckout }: World): Promise<void> => {
  const quarter = "interval '15 minutes'"
  await query(
    `update stripe_events set received_at = received_at - ${quarter}, signalled_at = signalled_at - ${quarter} where applied_at is null`,
  )
  await query(`update refund_requests set created_at = created_at - ${quarter} where answered_at is null`)
  const open = await query(
    `update purchases set created_at = created_at - ${quarter}, workflow_started_at = workflow_started_at - ${quarter},
       checkout_deadline = now() - ${quarter} where status = 'Pending' returning id`,
  )
  for (const { id } of open) await endCheckout(String(id))
}

const say = ({ level, rule, id, detail }: Finding): string => `${level} ${rule} ${id} ${detail}`

/** Everything that does not hold, in words: the doctor's rules, what Stripe holds, workflows that should never end as they did. */
export const check = async (world: World, lives: readonly Life[], stripeApi: string): Promise<string[]> => {
  const { db, temporal } = world
  const now = new Date()
  const found: string[] = []
  for await (const { found: some } of checkTables(db, now)) found.push(...some.map(say))
  for await (const { found: some } of checkPurchases(db, now)) found.push(...some.map(say))
  found.push(...(await compare(world, lives)))
  const { count } = await temporal.workflow.count(
    "WorkflowType = 'purchase' AND ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated')",
  )
  if (count > 0) found.push(`${count} workflows of purchases have failed`)
  if (found.length > 0) return found
  const gateway = createGateway(createStripe({ secretKey: 'sk_test_doctor', apiBase: stripeApi }))
  for await (const some of checkAgainstStripe(db, gateway, 0)) found.push(...some.map(say))
  for await (const { found: some } of checkLedgerAgainstStripe(db, gateway, 0)) found.push(...some.map(say))
  return found
}

/** Checks again and again until everything holds; after `within` milliseconds what does not is what is wrong. */
export const settle = async (look: () => Promise<string[]>, within: number): Promise<string[]> => {
  const until = performance.now() + within
  for (;;) {
    const found = await look()
    if (found.length === 0 || performance.now() > until) return found
    await sleep(1_000)
  }
}
