import { newPurchaseId } from '@pay-to-view/db'
import { waitFor } from '@pay-to-view/devstack/wait'
import { UpdateUnconfirmed } from '@pay-to-view/workflow-client/errors'
import { purchaseWorkflow } from '@pay-to-view/workflow-client/messages'
import { expect } from 'vitest'
import type { TestEnvironment, TestPurchase } from '../environment/test-environment.ts'
import type { Scenario } from './scenario.ts'

const waitOptions = { timeoutMs: 15_000, intervalMs: 20 }

/** The ways in which a run can end although it has accepted an update. */
const ends: Record<string, (env: TestEnvironment, purchase: TestPurchase) => Promise<unknown>> = {
  canceled: (_env, { workflow }) => workflow.cancel(),
  terminated: (_env, { workflow }) => workflow.terminate('by hand'),
  reset: async ({ temporal }, { id, workflow }) => {
    const { events } = await workflow.fetchHistory()
    const firstTask = events?.find((event) => event.workflowTaskCompletedEventAttributes)
    return temporal.client.workflowService.resetWorkflowExecution({
      namespace: temporal.client.options.namespace,
      workflowExecution: { workflowId: id },
      reason: 'by hand',
      requestId: crypto.randomUUID(),
      workflowTaskFinishEventId: firstTask?.eventId,
    })
  },
  deleted: ({ temporal }, { id }) =>
    temporal.client.workflowService.deleteWorkflowExecution({
      namespace: temporal.client.options.namespace,
      workflowExecution: { workflowId: id },
    }),
}

const outcomeOf = (update: Promise<unknown>): Promise<unknown> =>
  update.then(
    (result) => result,
    (error: unknown) => (error instanceof UpdateUnconfirmed ? 'unconfirmed' : error),
  )

/** Waits until a refund request is recorded and its call to Stripe is in progress. */
const waitForRefundInProgress = (env: TestEnvironment) =>
  waitFor('the refund to reach Stripe', () => env.stripe.wasFaultTriggered('latency'), waitOptions)

const slowRefunds = { on: 'api', effect: 'latency', method: 'POST', path: '/v1/refunds', ms: 400 }

const paidPurchase = async (env: TestEnvironment): Promise<TestPurchase> => {
  const purchase = await env.createPurchase()
  await env.stripe.pay(purchase.sessionId)
  await env.waitForStatus('Completed', purchase)
  return purchase
}

const partialRefund = { requestId: 'generated-key', amount: 100, reason: null, by: 'admin' }

/** These scenarios need the dev server, because the time-skipping server does not fail accepted updates of an ended run. */
export const endedRunScenarios: Scenario[] = [
  ...Object.entries(ends).map(
    ([name, end]): Scenario => ({
      name: `${name} during a partial refund: its outcome is unknown, and the repeated request refunds once`,
      ...(name === 'canceled' && { recordAs: 'canceled-during-refund' }),
      run: async (env) => {
        const purchase = await paidPurchase(env)
        await env.stripe.control('faults', slowRefunds)
        const outcome = outcomeOf(env.purchases.refund(purchase.startInput, partialRefund))
        await waitForRefundInProgress(env)
        await end(env, purchase)
        expect(await outcome).toBe('unconfirmed')
        await env.stripe.clearFaults()
        expect(await env.purchases.refund(purchase.startInput, partialRefund)).toMatchObject({
          response: { amount: 100, amountRefunded: 100, status: 'Completed' },
        })
        await env.waitUntilEventsApplied()
        expect((await env.stripe.listRefunds(purchase.sessionId)).map(({ amount }) => amount)).toEqual([100])
        expect(await env.row(purchase.id)).toMatchObject({ amountRefunded: 100, grant: { revokedAt: null } })
      },
    }),
  ),
  {
    name: 'a run that times out during a partial refund: its outcome is unknown, and the repeated request refunds once',
    run: async (env) => {
      const purchase = await paidPurchase(env)
      await purchase.workflow.terminate()
      await env.temporal.client.workflow.start(purchaseWorkflow, {
        ...{ workflowId: purchase.id, args: [purchase.id], taskQueue: env.taskQueue },
        workflowRunTimeout: '3 seconds',
      })
      await env.stripe.control('faults', { on: 'api', effect: 'error', method: 'POST', path: '/v1/refunds' })
      expect(await outcomeOf(env.purchases.refund(purchase.startInput, partialRefund))).toBe('unconfirmed')
      await env.stripe.clearFaults()
      expect(await env.purchases.refund(purchase.startInput, partialRefund)).toMatchObject({ response: { amount: 100 } })
      expect(await env.stripe.listRefunds(purchase.sessionId)).toHaveLength(1)
    },
  },
  {
    name: 'canceled while closeCheckout and acceptPayment wait: both outcomes are unknown, and both calls can be repeated',
    run: async (env) => {
      const price_data = { currency: 'usd', unit_amount: 399, product_data: { name: 'Nosferatu, at the wrong price' } }
      const purchase = await env.createPurchase('rental', { line_items: [{ quantity: 1, price_data }] })
      await env.stripe.control('faults', { on: 'api', effect: 'error', path: '/v1/checkout/sessions' })
      const closed = outcomeOf(env.purchases.closeCheckout(purchase.startInput))
      await waitFor('the call to Stripe to fail', () => env.stripe.wasFaultTriggered('error'), waitOptions)
      await purchase.workflow.cancel()
      expect(await closed).toBe('unconfirmed')
      await env.waitUntilClosed(purchase)
      // Without Stripe, the checkout could not be closed, but the run is canceled anyway.
      expect((await purchase.workflow.describe()).status.name).toBe('CANCELLED')
      expect(await env.row(purchase.id)).toMatchObject({ status: 'Pending', open: true })
      await env.stripe.clearFaults()
      await env.stripe.pay(purchase.sessionId)
      await env.waitUntilEventsApplied()

      const postgres = await env.stopPostgres()
      const accepted = outcomeOf(env.purchases.acceptPayment(purchase.startInput, { by: 'admin', reason: null }))
      await waitFor(
        'the update to be accepted',
        async () =>
          (await purchase.workflow.fetchHistory()).events?.some((event) => event.workflowExecutionUpdateAcceptedEventAttributes),
        waitOptions,
      )
      await purchase.workflow.cancel()
      expect(await accepted).toBe('unconfirmed')
      await postgres.restart()
      await env.waitUntilClosed(purchase)
      expect(await env.purchases.acceptPayment(purchase.startInput, { by: 'admin', reason: null })).toMatchObject({
        status: 'Completed',
      })
    },
  },
  {
    name: 'a purchase that does not exist: the outcome of updates is unknown, the workflow fails, and an alert names the purchase',
    run: async (env) => {
      const existing = await env.createPurchase()
      const id = newPurchaseId()
      expect(await outcomeOf(env.purchases.refund({ ...existing.startInput, id }, partialRefund))).toBe('unconfirmed')
      const workflow = env.temporal.client.workflow.getHandle(id)
      await waitFor('the workflow to fail', async () => (await workflow.describe()).status.name === 'FAILED', waitOptions)
      expect(await env.db.alert.findMany({ where: { kind: 'purchase_missing' } })).toMatchObject([
        { purchaseId: null, detail: { workflowId: id } },
      ])
    },
  },
  {
    name: 'a purchase that is missing after its run has loaded it: the outcome of an update in progress is unknown, and the workflow fails',
    run: async (env) => {
      const price_data = { currency: 'usd', unit_amount: 399, product_data: { name: 'Nosferatu, at the wrong price' } }
      const mismatched = await env.createPurchase('rental', { line_items: [{ quantity: 1, price_data }] })
      await env.stripe.pay(mismatched.sessionId)
      const paid = await paidPurchase(env)
      await env.waitUntilEventsApplied()
      for (const purchase of [mismatched, paid]) {
        // The purchase is missing, as after restoring an older copy of the database.
        await env.db.$transaction([
          env.db.$executeRaw`set local session_replication_role = replica`,
          env.db.$executeRaw`delete from purchases where id = ${purchase.id}`,
        ])
      }
      const refund = outcomeOf(env.purchases.refund(paid.startInput, partialRefund))
      const acceptance = outcomeOf(env.purchases.acceptPayment(mismatched.startInput, { by: 'admin', reason: null }))
      expect(await Promise.all([refund, acceptance])).toEqual(['unconfirmed', 'unconfirmed'])
      for (const { workflow } of [mismatched, paid])
        await waitFor('the workflow to fail', async () => (await workflow.describe()).status.name === 'FAILED', waitOptions)
    },
  },
]
