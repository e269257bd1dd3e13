import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { problemOf } from '@pay-to-view/client'
import { waitFor } from '@pay-to-view/devstack/wait'
import { RawValue } from '@temporalio/common'
import type { StackDriver } from './scenarios/driver.ts'
import type { PurchaseScenario } from './scenarios/scenario.ts'

/** Faults that affect one purchase. `purchase` and `other` select purchases from those that exist when the fault starts. */
export type PurchaseFault =
  /** Cancels the workflow while it handles an admin's partial refund without an idempotency key, then repeats the refund with the returned key. */
  | { kind: 'cancel_during_refund'; purchase: number; delayMs: number }
  /** A correctly signed event for one purchase names another purchase's payment. */
  | { kind: 'poison_event'; purchase: number; other: number }
  /** A signal that the workflow cannot decode. */
  | { kind: 'unreadable_signal'; purchase: number; encoding: string }

/** Thrown if a fault had an effect that it must not have. */
export class ViolationError extends Error {
  override name = 'ViolationError'
}

export interface PurchaseFaultTarget {
  driver: StackDriver
  webhookUrl: string
  webhookSecret: string
}

export const poisonEventPrefix = 'evt_poison_'

const waitOptions = { timeoutMs: 120_000, intervalMs: 200 }

const select = <T>(items: readonly T[], index: number): T | undefined => items[index % items.length]

/** Waits until a purchase exists, because there may be none at the start of a run. */
const selectPurchase = (scenarios: readonly PurchaseScenario[], index: number) =>
  waitFor(
    'a purchase',
    async () =>
      select(
        scenarios.flatMap((scenario) => scenario.newestPurchase() ?? []),
        index,
      ),
    waitOptions,
  )

/** Waits until a purchase has a recorded payment. */
const selectPaidPurchase = async ({ query }: StackDriver, index: number) => {
  const find = async () =>
    select(
      await query(
        "select id, external_transaction_id as payment from purchases where status = 'Completed' and external_transaction_id is not null order by created_at, id",
      ),
      index,
    )
  const { id, payment } = await waitFor('a paid purchase', find, waitOptions)
  return { id: String(id), payment: String(payment) }
}

/** Ignores errors, because the workflow may not be running, or Temporal may be down. */
const tryTemporal = async (call: Promise<unknown>): Promise<void> => {
  await call.catch(() => undefined)
}

const cancelDuringRefund = async (
  { driver }: PurchaseFaultTarget,
  { purchase, delayMs }: { purchase: number; delayMs: number },
) => {
  const { id } = await selectPaidPurchase(driver, purchase)
  const { refund } = (await driver.clientFor('root', { admin: true })).admin.purchases
  const answer = refund.mutate({ id, amount: 100 }).then(() => null, problemOf)
  await sleep(delayMs)
  await tryTemporal(driver.temporal.workflow.getHandle(id).cancel())
  const problem = await answer
  if (problem?.code === 'internal') throw new ViolationError(`the refund of ${id} failed with ${JSON.stringify(problem)}`)
  const requestId = problem?.code === 'refund_unconfirmed' ? problem.errors[0]?.message.replace('Expected ', '') : undefined
  if (requestId === undefined) return
  await driver.retryWhileUnavailable(() => refund.mutate({ id, amount: 100, requestId })).catch(() => undefined)
  const { data } = await driver.readFromStripe((stripe) => stripe.refunds.list({ limit: 100 }))
  const refunds = data.filter(({ metadata }) => metadata?.payToViewRequestId === requestId)
  if (refunds.length > 1) throw new ViolationError(`${id} was refunded ${refunds.length} times for the request ${requestId}`)
}

const sendPoisonEvent = async (
  { driver, webhookUrl, webhookSecret }: PurchaseFaultTarget,
  { purchase, other }: { purchase: number; other: number },
  scenarios: readonly PurchaseScenario[],
) => {
  const paid = await selectPaidPurchase(driver, other)
  const findTarget = async () => {
    const target = await selectPurchase(scenarios, purchase)
    return target.id === paid.id ? selectPurchase(scenarios, purchase + 1) : target
  }
  const { id, sessionId } = await findTarget()
  if (id === paid.id) return
  const session = await driver.readFromStripe((stripe) => stripe.checkout.sessions.retrieve(sessionId))
  const name = `${id}_${paid.payment}`
  const created = Math.floor(Date.now() / 1_000)
  const object = { ...session, id: `cs_poison_${name}`, status: 'complete', payment_status: 'paid', payment_intent: paid.payment }
  const event = {
    id: poisonEventPrefix + name,
    object: 'event',
    type: 'checkout.session.completed',
    created,
    livemode: false,
    data: { object },
  }
  const body = JSON.stringify(event)
  const send = async () => {
    const timestamp = Math.floor(Date.now() / 1_000)
    const signature = createHmac('sha256', webhookSecret).update(`${timestamp}.${body}`).digest('hex')
    const headers = { 'content-type': 'application/json', 'stripe-signature': `t=${timestamp},v1=${signature}` }
    return (await fetch(webhookUrl, { method: 'POST', headers, body })).ok
  }
  // Sends the event until it is accepted, as Stripe does.
  await waitFor('the poison event to be accepted', () => send().catch(() => false), waitOptions)
}

const sendUnreadableSignal = async (
  { driver }: PurchaseFaultTarget,
  { purchase, encoding }: { purchase: number; encoding: string },
  scenarios: readonly PurchaseScenario[],
) => {
  const { id } = await selectPurchase(scenarios, purchase)
  const bytes = (text: string) => new TextEncoder().encode(text)
  const payload = RawValue.fromPayload({ metadata: { encoding: bytes(encoding) }, data: bytes('{') })
  await tryTemporal(driver.temporal.workflow.getHandle(id).signal('stripeEvent', payload))
}

/** Resolves when the fault is over. Rejects with a ViolationError if the fault had an effect that it must not have. */
export const injectPurchaseFault = (
  target: PurchaseFaultTarget,
  fault: PurchaseFault,
  scenarios: readonly PurchaseScenario[],
): Promise<void> => {
  switch (fault.kind) {
    case 'cancel_during_refund':
      return cancelDuringRefund(target, fault)
    case 'poison_event':
      return sendPoisonEvent(target, fault, scenarios)
    case 'unreadable_signal':
      return sendUnreadableSignal(target, fault, scenarios)
    default:
      return fault satisfies never
  }
}
