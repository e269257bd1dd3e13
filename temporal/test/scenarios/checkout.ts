import { waitFor } from '@pay-to-view/devstack/wait'
import { expect } from 'vitest'
import { day, minute } from '../environment/test-environment.ts'
import { dropWebhooks, type Scenario } from './scenario.ts'

export const checkoutScenarios: Scenario[] = [
  {
    name: 'paid: access for the rental period; the workflow runs until 180 days after the payment',
    recordAs: 'paid',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId)
      const { completedAt, grant } = await env.waitForStatus('Completed', purchase)
      const paidAt = completedAt?.getTime() ?? 0
      expect(grant).toMatchObject({ revokedAt: null, accessDurationDays: 30, startsAt: new Date(paidAt) })
      await env.advance(179 * day)
      expect(await env.isClosed(purchase)).toBe(false)
      await env.advance(day)
      await env.waitUntilClosed(purchase)
      const { status, closeTime } = await purchase.workflow.describe()
      expect(status.name).toBe('COMPLETED')
      expect((closeTime?.getTime() ?? 0) - paidAt).toBeGreaterThanOrEqual(180 * day)
      expect(await env.row(purchase.id)).toMatchObject({ status: 'Completed', grant: { revokedAt: null } })
    },
  },
  {
    name: 'unpaid, all webhooks lost: Expired after checking with Stripe',
    run: async (env) => {
      await env.stripe.control('faults', dropWebhooks)
      const purchase = await env.createPurchase()
      await env.advance(39 * minute)
      expect(await env.row(purchase.id)).toMatchObject({ status: 'Pending', open: true })
      await env.advance(2 * minute)
      expect(await env.waitForStatus('Expired', purchase)).toMatchObject({ open: false, grant: null })
      await env.waitUntilClosed(purchase)
    },
  },
  {
    name: 'paid, all webhooks lost: Completed when the checkout deadline passes',
    run: async (env) => {
      await env.stripe.control('faults', dropWebhooks)
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId)
      await env.advance(39 * minute)
      expect(await env.row(purchase.id)).toMatchObject({ status: 'Pending', grant: null })
      await env.advance(2 * minute)
      expect(await env.waitForStatus('Completed', purchase)).toMatchObject({ amountPaid: 499, grant: { revokedAt: null } })
    },
  },
  {
    name: 'a checkout that is still open in Stripe after its deadline is closed',
    recordAs: 'expired-unpaid',
    stripeClockLagMs: 5 * minute,
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.advance(41 * minute)
      await env.waitForStatus('Expired', purchase)
      await env.waitUntilClosed(purchase)
      const { data } = await env.stripe.client.events.list({ type: 'checkout.session.expired' })
      // The session was closed by our request, not by Stripe's clock.
      expect(data).toMatchObject([{ data: { object: { id: purchase.sessionId } }, request: { id: expect.any(String) } }])
      await expect(env.stripe.pay(purchase.sessionId)).rejects.toThrow('expired')
    },
  },
  {
    name: 'paid while the checkout is being closed: Completed',
    stripeClockLagMs: 5 * minute,
    run: async (env) => {
      await env.stripe.control('faults', dropWebhooks)
      const purchase = await env.createPurchase()
      const path = `/v1/checkout/sessions/${purchase.sessionId}/expire`
      await env.stripe.control('faults', { on: 'api', effect: 'latency', ms: 300, path })
      const advancing = env.advance(41 * minute)
      await waitFor('the request to close the checkout', () => env.stripe.wasFaultTriggered('latency'), {
        timeoutMs: 10_000,
        intervalMs: 5,
      })
      await env.stripe.pay(purchase.sessionId)
      await advancing
      expect(await env.waitForStatus('Completed', purchase)).toMatchObject({ grant: { revokedAt: null } })
    },
  },
  {
    name: 'a checkout that was closed because the user restarted it can no longer be paid',
    run: async (env) => {
      const purchase = await env.createPurchase()
      const result = await env.purchases.closeCheckout(purchase.startInput)
      expect(result).toEqual({ status: 'Expired', hasAccess: false, processing: false, mismatch: false })
      await expect(env.stripe.pay(purchase.sessionId)).rejects.toThrow('expired')
      await env.waitUntilClosed(purchase)
    },
  },
  {
    name: 'closing a checkout that has just been paid: the result says that the user has access',
    run: async (env) => {
      await env.stripe.control('faults', dropWebhooks)
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId)
      const result = await env.purchases.closeCheckout(purchase.startInput)
      expect(result).toEqual({ status: 'Completed', hasAccess: true, processing: false, mismatch: false })
    },
  },
]
