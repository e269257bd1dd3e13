import { expect } from 'vitest'
import { second } from '../environment/test-environment.ts'
import type { Scenario } from './scenario.ts'

const refundRequest = (requestId: string, amount: number | null = null) => ({ requestId, amount, reason: null, by: 'admin' })

export const refundScenarios: Scenario[] = [
  {
    name: 'refunds by an admin: rejected before the payment, one refund per request id, then the remaining amount, then no more',
    recordAs: 'refunded-by-admin',
    run: async (env) => {
      const purchase = await env.createPurchase()
      const refund = (id: string, amount?: number) => env.purchases.refund(purchase.startInput, refundRequest(id, amount))
      expect(await refund('too-early')).toEqual({ rejected: 'not_paid' })
      await env.stripe.pay(purchase.sessionId)
      await env.waitForStatus('Completed', purchase)
      const repeated = await Promise.all([refund('partial', 100), refund('partial', 100)])
      expect(repeated[0]).toMatchObject({ response: { status: 'Completed', amount: 100, amountRefunded: 100, currency: 'usd' } })
      expect(repeated[1]).toEqual(repeated[0])
      expect(await refund('partial', 200)).toEqual({ rejected: 'idempotency_conflict' })
      expect(await refund('too-much', 400)).toEqual({ rejected: 'amount_too_large' })
      expect(await refund('remaining')).toMatchObject({ response: { status: 'Refunded', amount: 399, amountRefunded: 499 } })
      await env.waitUntilClosed(purchase)
      expect(await refund('again')).toEqual({ rejected: 'already_refunded' })
      expect(await refund('partial', 100)).toEqual(repeated[0])
      expect((await env.stripe.listRefunds(purchase.sessionId)).map(({ amount }) => amount).sort()).toEqual([100, 399])
      expect(await env.row(purchase.id)).toMatchObject({ status: 'Refunded', grant: { revokedAt: expect.any(Date) } })
    },
  },
  {
    name: 'responses from Stripe lost during a refund: it is created once, and the admin gets the result',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId)
      await env.waitForStatus('Completed', purchase)
      await env.stripe.control('faults', { on: 'api', effect: 'lost_response', path: '/v1/refunds', method: 'POST', times: 2 })
      expect(await env.purchases.refund(purchase.startInput, refundRequest('one'))).toMatchObject({
        response: { status: 'Refunded' },
      })
      expect(await env.stripe.listRefunds(purchase.sessionId)).toHaveLength(1)
    },
  },
  {
    name: 'the result of a refund activity is lost, and the webhook completes the request: the admin still gets the result, and the run ends',
    recordAs: 'refund-result-lost',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId)
      await env.waitForStatus('Completed', purchase)
      env.loseActivityResults('executeRefund', 3)
      expect(await env.purchases.refund(purchase.startInput, refundRequest('one'))).toMatchObject({
        response: { status: 'Refunded' },
      })
      await env.waitUntilEventsApplied()
      await env.waitUntilClosed(purchase)
      expect(await env.stripe.listRefunds(purchase.sessionId)).toHaveLength(1)
    },
  },
  {
    name: "a refund in the Stripe dashboard whose webhook arrives before the payment's: Refunded, even after the payment arrives",
    run: async (env) => {
      await env.stripe.control('faults', { on: 'webhook', effect: 'drop', types: ['checkout.session.completed'] })
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId)
      await env.stripe.client.refunds.create({ payment_intent: await env.stripe.paymentIntentId(purchase.sessionId) })
      expect(await env.waitForStatus('Refunded', purchase)).toMatchObject({ amountPaid: 499, amountRefunded: 499, grant: null })
      await env.waitUntilEventsApplied()
      await env.stripe.clearFaults()
      const [completed] = (await env.stripe.client.events.list({ type: 'checkout.session.completed' })).data
      await env.stripe.control(`events/${completed?.id}/resend`)
      await env.waitUntilEventsApplied()
      expect(await env.row(purchase.id)).toMatchObject({ status: 'Refunded', grant: null })
      expect(await env.db.stripeEvent.count({ where: { id: completed?.id ?? '', NOT: { appliedAt: null } } })).toBe(1)
    },
  },
  {
    name: 'a refund that fails later starts a new run and grants access again',
    recordAs: 'refund-fails-later',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId)
      await env.waitForStatus('Completed', purchase)
      await env.purchases.refund(purchase.startInput, refundRequest('full'))
      await env.waitUntilEventsApplied()
      await env.waitUntilClosed(purchase)
      await env.advance(10 * second)
      const [refund] = await env.stripe.listRefunds(purchase.sessionId)
      await env.stripe.control(`refunds/${refund?.id}/fail`)
      expect(await env.waitForStatus('Completed', purchase)).toMatchObject({ amountRefunded: 0, grant: { revokedAt: null } })
      expect(await env.isClosed(purchase)).toBe(false)
    },
  },
]
