import { waitFor } from '@pay-to-view/devstack/wait'
import { parseEvent } from '@pay-to-view/ingestion'
import { expect } from 'vitest'
import { day, minute, second } from '../environment/test-environment.ts'
import { dropWebhooks, type Scenario } from './scenario.ts'

export const outageScenarios: Scenario[] = [
  {
    name: 'Stripe responds 500 when the checkout deadline passes: retried, and Expired only after Stripe confirms it',
    recordAs: 'stripe-unavailable',
    stripeClockLagMs: 5 * minute,
    run: async (env) => {
      await env.stripe.control('faults', dropWebhooks)
      const purchase = await env.createPurchase()
      await env.stripe.control('faults', { on: 'api', effect: 'error' })
      await env.advance(42 * minute)
      expect(await env.row(purchase.id)).toMatchObject({ status: 'Pending', open: true })
      expect(await env.isClosed(purchase)).toBe(false)
      await env.stripe.clearFaults()
      await env.stripe.control('faults', dropWebhooks)
      await env.advance(10 * minute)
      await env.waitForStatus('Expired', purchase)
      await env.waitUntilClosed(purchase)
    },
  },
  {
    name: 'Stripe does not respond when the deadline of a paid checkout passes: never Expired, and Completed when Stripe responds',
    run: async (env) => {
      await env.stripe.control('faults', dropWebhooks)
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId)
      await env.stripe.control('faults', { on: 'api', effect: 'timeout' })
      await env.advance(40 * minute + 2 * second)
      expect(await env.row(purchase.id)).toMatchObject({ status: 'Pending' })
      await env.stripe.clearFaults()
      await env.advance(10 * minute)
      await env.waitForStatus('Completed', purchase)
      const changes = await env.db.change.findMany({ where: { purchaseId: purchase.id } })
      expect(changes.map((change) => change.toStatus)).toEqual(['Completed'])
    },
  },
  {
    name: 'while Stripe is unavailable, a webhook still completes the purchase',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.control('faults', { on: 'webhook', effect: 'delay', ms: 1_500 })
      await env.stripe.pay(purchase.sessionId)
      await env.stripe.control('faults', { on: 'api', effect: 'cut' })
      await env.advance(40 * minute)
      await env.waitForStatus('Completed', purchase)
      expect(await env.stripe.wasFaultTriggered('cut')).toBe(true)
    },
  },
  {
    name: 'Postgres is unavailable when the webhook of the payment arrives: Completed when Postgres is available again',
    recordAs: 'postgres-unavailable',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.control('faults', dropWebhooks)
      await env.stripe.pay(purchase.sessionId)
      const [event] = (await env.stripe.client.events.list({ type: 'checkout.session.completed' })).data
      const snapshots = (event && parseEvent(event)?.snapshots) ?? []
      const { restart } = await env.stopPostgres()
      await env.purchases.signalStripeEvent(purchase.startInput, { eventId: event?.id ?? '', snapshots, refresh: null })
      try {
        await waitFor('the local activity to give up', async () => (await env.countRemoteActivities('applyFacts')) > 0, {
          timeoutMs: 20_000,
        })
      } finally {
        await restart()
      }
      await env.waitForStatus('Completed', purchase)
      await env.advance(day)
      expect(await env.row(purchase.id)).toMatchObject({ grant: { revokedAt: null } })
    },
  },
]
