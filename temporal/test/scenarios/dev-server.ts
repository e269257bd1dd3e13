import { waitFor } from '@pay-to-view/devstack/wait'
import { parseEvent } from '@pay-to-view/ingestion'
import { StripeUnavailable } from '@pay-to-view/workflow-client/errors'
import { type StripeEventMessage, stateQuery } from '@pay-to-view/workflow-client/messages'
import { expect } from 'vitest'
import type { TestEnvironment } from '../environment/test-environment.ts'
import { dropWebhooks, type Scenario } from './scenario.ts'

/** Returns the newest event of a type, as ingestion sends it. */
const latestEventMessage = async (env: TestEnvironment, type: 'checkout.session.completed'): Promise<StripeEventMessage> => {
  const [event] = (await env.stripe.client.events.list({ type })).data
  return { eventId: event?.id ?? '', snapshots: (event && parseEvent(event)?.snapshots) ?? [], refresh: null }
}

const waitOptions = { timeoutMs: 15_000, intervalMs: 20 }

/** Scenarios in which the time-skipping test server behaves differently from a production server. */
export const serverScenarios: Scenario[] = [
  {
    name: 'idle until a Stripe event arrives, which ends the start delay immediately',
    recordAs: 'start-delay-ended-by-webhook',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await expect(purchase.workflow.query(stateQuery)).rejects.toThrow('Failed to query')
      const before = await purchase.workflow.describe()
      expect(before.status.name).toBe('RUNNING')
      expect(before.historyLength).toBe(1)
      await env.stripe.pay(purchase.sessionId)
      await env.waitForStatus('Completed', purchase)
      expect(await purchase.workflow.query(stateQuery)).toMatchObject({ id: purchase.id, status: 'Completed' })
    },
  },
  {
    name: 'canceled in the Temporal UI during the start delay: the checkout stays open until a message ends the delay, then it is closed',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await purchase.workflow.cancel()
      expect(await env.isClosed(purchase)).toBe(false)
      expect((await env.stripe.client.checkout.sessions.retrieve(purchase.sessionId)).status).toBe('open')
      await env.purchases.signalStripeEvent(purchase.startInput, { eventId: 'evt_wake', snapshots: [], refresh: null })
      await env.waitUntilClosed(purchase)
      expect((await purchase.workflow.describe()).status.name).toBe('CANCELLED')
      expect(await env.row(purchase.id)).toMatchObject({ status: 'Expired', open: false })
    },
  },
  {
    name: 'an operator finds a purchase by its search attributes, even during the start delay',
    run: async (env) => {
      const purchase = await env.createPurchase()
      const find = async (status: string): Promise<string[]> => {
        const found: string[] = []
        const query = `PurchaseStatus = "${status}" AND UserId = "${purchase.userId}" AND EntityId = "${purchase.startInput.entityId}"`
        for await (const { workflowId } of env.temporal.client.workflow.list({ query })) found.push(workflowId)
        return found
      }
      await waitFor('the pending purchase to be found', async () => (await find('Pending')).includes(purchase.id), waitOptions)
      await env.stripe.pay(purchase.sessionId)
      await waitFor('the paid purchase to be found', async () => (await find('Completed')).includes(purchase.id), waitOptions)
      expect(await find('Pending')).toEqual([])
      expect(await purchase.workflow.describe().then((description) => description.staticSummary())).toMatch(
        /Nosferatu · 4.99 USD$/,
      )
    },
  },
  {
    name: 'a long history continues as new: no event is lost, and every update gets its result',
    recordAs: 'continued-as-new',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId)
      await env.waitForStatus('Completed', purchase)
      const { runId } = await purchase.workflow.describe()
      const message = await latestEventMessage(env, 'checkout.session.completed')
      const refund = (amount: number) =>
        env.purchases.refund(purchase.startInput, { requestId: `partial-${amount}`, amount, reason: null, by: 'admin' })
      const results: Promise<unknown>[] = []
      await env.stripe.control('faults', dropWebhooks)
      for (let amount = 1; amount <= 4; amount++) {
        await env.purchases.signalStripeEvent(purchase.startInput, message)
        results.push(refund(amount))
      }
      for (const result of await Promise.all(results)) expect(result).toMatchObject({ response: { success: true } })
      expect(await env.row(purchase.id)).toMatchObject({ status: 'Completed', amountRefunded: 10 })
      await waitFor('a new run', async () => (await purchase.workflow.describe()).runId !== runId, waitOptions)
      // The view is null until the new run has loaded it.
      const view = await waitFor('the view of the new run', () => purchase.workflow.query(stateQuery), waitOptions)
      expect(view).toMatchObject({ amountRefunded: 10, pendingRefundRequestIds: [] })
      expect(await env.stripe.listRefunds(purchase.sessionId)).toHaveLength(4)
    },
  },
  {
    name: 'a long history of a purchase that cannot be read continues as new, and the new run still refreshes the payment',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.control('faults', dropWebhooks)
      await env.stripe.pay(purchase.sessionId)
      const unreadable = { 'voucher:v_1': { kind: 'voucher', id: 'v_1' } }
      await env.db.purchase.update({ where: { id: purchase.id }, data: { facts: unreadable } })
      const { runId } = await purchase.workflow.describe()
      const refresh = { paymentIntentId: await env.stripe.paymentIntentId(purchase.sessionId) }
      await waitFor(
        'a new run',
        async () => {
          await env.purchases.signalStripeEvent(purchase.startInput, { eventId: null, snapshots: [], refresh })
          return (await purchase.workflow.describe()).runId !== runId
        },
        { timeoutMs: 15_000, intervalMs: 200 },
      )
      await env.db.purchase.update({ where: { id: purchase.id }, data: { facts: {} } })
      await env.purchases.signalStripeEvent(purchase.startInput, { eventId: 'evt_wake', snapshots: [], refresh: null })
      await env.waitForStatus('Completed', purchase)
    },
  },
  {
    name: 'a long history continues as new while Stripe is unavailable: pending updates fail as retryable, and the refund is made when Stripe is available again',
    recordAs: 'continued-as-new-while-stripe-unavailable',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId)
      await env.waitForStatus('Completed', purchase)
      const message = await latestEventMessage(env, 'checkout.session.completed')
      const { runId } = await purchase.workflow.describe()
      await env.stripe.control('faults', { on: 'api', effect: 'error' })
      const request = { requestId: 'during-outage', amount: null, reason: null, by: 'admin' }
      const result = env.purchases.refund(purchase.startInput, request).then(
        () => 'completed',
        (error: unknown) => (error instanceof StripeUnavailable ? 'retryable' : error),
      )
      await waitFor('the refund to fail', () => env.stripe.wasFaultTriggered('error'), waitOptions)
      await waitFor(
        'a new run',
        async () => {
          await env.purchases.signalStripeEvent(purchase.startInput, message)
          return (await purchase.workflow.describe()).runId !== runId
        },
        waitOptions,
      )
      expect(await result).toBe('retryable')
      await env.stripe.clearFaults()
      await env.waitForStatus('Refunded', purchase)
      expect(await env.purchases.refund(purchase.startInput, request)).toMatchObject({ response: { success: true, amount: 499 } })
      expect(await env.stripe.listRefunds(purchase.sessionId)).toHaveLength(1)
    },
  },
  {
    name: 'two admins request one refund at once, and the request id is used again with a different amount',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId)
      await env.waitForStatus('Completed', purchase)
      const refund = (amount: number | null) =>
        env.purchases.refund(purchase.startInput, { requestId: 'one', amount, reason: null, by: 'admin' })
      const [first, second] = await Promise.all([refund(100), refund(100)])
      expect(first).toMatchObject({ response: { amount: 100, amountRefunded: 100 } })
      expect(second).toEqual(first)
      expect(await refund(null)).toEqual({ rejected: 'idempotency_conflict' })
      expect(await env.stripe.listRefunds(purchase.sessionId)).toHaveLength(1)
    },
  },
]
