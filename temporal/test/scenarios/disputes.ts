import { waitFor } from '@pay-to-view/devstack/wait'
import { expect } from 'vitest'
import { day, second, type TestEnvironment, type TestPurchase } from '../environment/test-environment.ts'
import type { Scenario } from './scenario.ts'

/** Changes a purchase's dispute in a new second of Stripe's clock, after the previous change has been rechecked. */
const changeDispute = async (env: TestEnvironment, purchase: TestPurchase, step: string): Promise<void> => {
  await env.advance(5 * second)
  const paymentIntentId = await env.stripe.paymentIntentId(purchase.sessionId)
  const [dispute] = (await env.stripe.client.disputes.list({ payment_intent: paymentIntentId })).data
  await env.stripe.control(`disputes/${dispute?.id}/${step}`)
}

export const disputeScenarios: Scenario[] = [
  {
    name: 'a dispute: access suspended while it is open, revoked when it is lost, granted again when the appeal is won',
    recordAs: 'dispute-appealed',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId, { card: '4000000000000259' })
      expect(await env.waitForStatus('Disputed', purchase)).toMatchObject({ amountPaid: 499 })
      await changeDispute(env, purchase, 'lose')
      await env.waitForStatus('ChargedBack', purchase)
      await env.waitUntilEventsApplied()
      await env.waitUntilClosed(purchase)
      await changeDispute(env, purchase, 'appeal')
      await env.waitForStatus('Disputed', purchase)
      await changeDispute(env, purchase, 'win')
      expect(await env.waitForStatus('Completed', purchase)).toMatchObject({ grant: { revokedAt: null } })
      expect(await env.isClosed(purchase)).toBe(false)
    },
  },
  {
    name: "several changes of a dispute in one second of Stripe's clock: the current state is retrieved from Stripe",
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId, { card: '4000000000000259' })
      const paymentIntentId = await env.stripe.paymentIntentId(purchase.sessionId)
      const [dispute] = (await env.stripe.client.disputes.list({ payment_intent: paymentIntentId })).data
      for (const step of ['lose', 'appeal', 'win']) await env.stripe.control(`disputes/${dispute?.id}/${step}`)
      await env.waitUntilEventsApplied()
      await env.advance(10 * second)
      expect(await env.waitForStatus('Completed', purchase)).toMatchObject({ grant: { revokedAt: null } })
    },
  },
  {
    name: 'several changes, in one second, of a dispute about a duplicate payment: the current state is retrieved from Stripe',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId)
      await env.waitForStatus('Completed', purchase)
      // If two checkouts were created in the same second, either could count as the first.
      await env.advance(2 * second)
      const dashboardSessionId = await env.stripe.payDashboardSession(purchase.sessionId, { card: '4000000000000259' })
      const paymentIntentId = await env.stripe.paymentIntentId(dashboardSessionId)
      const [dispute] = (await env.stripe.client.disputes.list({ payment_intent: paymentIntentId })).data
      // Among snapshots from the same second, the later stage (the appeal) wins. Only Stripe knows that the dispute was lost.
      for (const step of ['lose', 'appeal', 'lose']) await env.stripe.control(`disputes/${dispute?.id}/${step}`)
      await env.waitUntilEventsApplied()
      await env.advance(10 * second)
      await waitFor(
        'the stored dispute to be lost',
        async () => JSON.stringify((await env.row(purchase.id)).facts).includes('"status":"lost"'),
        { timeoutMs: 15_000, intervalMs: 20 },
      )
      expect(await env.row(purchase.id)).toMatchObject({ status: 'Completed', grant: { revokedAt: null } })
    },
  },
  {
    name: 'a dispute 200 days after the payment starts a new run',
    run: async (env) => {
      const purchase = await env.createPurchase('permanent')
      await env.stripe.pay(purchase.sessionId)
      await env.waitForStatus('Completed', purchase)
      await env.advance(200 * day)
      await env.waitUntilClosed(purchase)
      await env.stripe.control(`charges/${await env.stripe.chargeId(purchase.sessionId)}/dispute`)
      expect(await env.waitForStatus('Disputed', purchase)).toMatchObject({ grant: { revokedAt: expect.any(Date) } })
      await changeDispute(env, purchase, 'win')
      expect(await env.waitForStatus('Completed', purchase)).toMatchObject({ grant: { revokedAt: null } })
      await env.waitUntilClosed(purchase)
    },
  },
]
