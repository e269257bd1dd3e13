import { stateQuery } from '@pay-to-view/workflow-client/messages'
import { expect } from 'vitest'
import type { Scenario } from './scenario.ts'

/** Snapshots with missing or invalid fields. */
const invalidSnapshots = [
  { kind: 'payment', id: 'pi_1' },
  { kind: 'refund', id: 're_1' },
  { kind: 'weird', id: 'x' },
  { kind: 'session', id: 'cs_1', status: 'odd' },
]

export const operatorScenarios: Scenario[] = [
  {
    name: 'canceled in the Temporal UI: the checkout is closed before the run ends',
    recordAs: 'canceled',
    run: async (env) => {
      const purchase = await env.createPurchase()
      // Ends the start delay, because a run is not canceled before its first workflow task.
      await env.purchases.refund(purchase.startInput, { requestId: 'wake', amount: null, reason: null, by: 'admin' })
      await purchase.workflow.cancel()
      await env.waitUntilClosed(purchase)
      expect((await purchase.workflow.describe()).status.name).toBe('CANCELLED')
      expect(await env.row(purchase.id)).toMatchObject({ status: 'Expired', open: false })
      await expect(env.stripe.pay(purchase.sessionId)).rejects.toThrow('expired')
    },
  },
  {
    name: 'a payment that does not match its quote: no access until an operator accepts it',
    recordAs: 'mismatched-payment-accepted',
    run: async (env) => {
      const product_data = { name: 'Nosferatu, at the wrong price' }
      const price_data = { currency: 'usd', unit_amount: 399, product_data }
      const purchase = await env.createPurchase('rental', { line_items: [{ quantity: 1, price_data }] })
      await env.stripe.pay(purchase.sessionId)
      await env.waitUntilEventsApplied()
      expect(await env.row(purchase.id)).toMatchObject({ status: 'Pending', mismatch: 'amount', amountPaid: 399, grant: null })
      const acceptance = { by: 'admin', reason: 'our mistake' }
      expect(await env.purchases.acceptPayment(purchase.startInput, acceptance)).toEqual({ status: 'Completed', hasAccess: true })
      expect(await env.purchases.acceptPayment(purchase.startInput, acceptance)).toEqual({ rejected: 'nothing_to_accept' })
      expect(await env.row(purchase.id)).toMatchObject({ status: 'Completed', mismatch: null, grant: { revokedAt: null } })
    },
  },
  {
    name: 'invalid messages: updates are rejected, signals are ignored, and the purchase is not blocked',
    run: async (env) => {
      const purchase = await env.createPurchase()
      const { workflow } = purchase
      const malformed = [
        ...[null, 'paid', [], { eventId: 1, snapshots: [], refresh: null }],
        ...[
          { eventId: null, snapshots: [null], refresh: null },
          { eventId: null, snapshots: [], refresh: 'pi_1' },
        ],
      ]
      const invalid = [
        { eventId: null, snapshots: [{ kind: 'payment' }], refresh: null },
        { eventId: null, snapshots: [], refresh: { paymentIntentId: 1 } },
        ...invalidSnapshots.map((snapshot) => ({ eventId: null, snapshots: [snapshot], refresh: null })),
      ]
      for (const message of [...malformed, ...invalid]) await workflow.signal('stripeEvent', message)
      for (const update of ['refund', 'acceptPayment'])
        for (const message of [null, 'all', {}, { by: 1 }, { requestId: 'a b', by: 'olga', reason: 1 }])
          await expect(workflow.executeUpdate(update, { args: [message] })).rejects.toThrow('Workflow Update failed')
      await env.stripe.pay(purchase.sessionId)
      expect(await env.waitForStatus('Completed', purchase)).toMatchObject({ grant: { revokedAt: null } })
    },
  },
  {
    name: 'canceled after the payment: access is kept',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId)
      await env.waitForStatus('Completed', purchase)
      await purchase.workflow.cancel()
      await env.waitUntilClosed(purchase)
      expect(await env.row(purchase.id)).toMatchObject({ status: 'Completed', grant: { revokedAt: null } })
    },
  },
  {
    name: 'the query returns the view of the purchase',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId)
      await env.waitForStatus('Completed', purchase)
      expect(await purchase.workflow.query(stateQuery)).toMatchObject({ id: purchase.id, status: 'Completed', hasAccess: true })
    },
  },
]
