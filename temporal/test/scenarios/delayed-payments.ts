import { expect } from 'vitest'
import { day, minute } from '../environment/test-environment.ts'
import { dropWebhooks, type Scenario } from './scenario.ts'

const bankDebit = { method: 'us_bank_account' }

export const delayedScenarios: Scenario[] = [
  {
    name: 'a bank debit: processing, checked once a day, and Completed when it settles even if the webhook is lost',
    recordAs: 'delayed-payment-succeeds',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId, bankDebit)
      await env.waitUntilEventsApplied()
      expect(await env.row(purchase.id)).toMatchObject({ status: 'Pending', processing: true, grant: null })
      expect(await env.purchases.closeCheckout(purchase.startInput)).toMatchObject({ status: 'Pending', processing: true })
      await env.advance(41 * minute)
      await env.advance(3 * day)
      expect(await env.row(purchase.id)).toMatchObject({ status: 'Pending', processing: true, grant: null })
      expect(await env.countRemoteActivities('refreshFromStripe')).toBe(3)
      await env.stripe.control('faults', dropWebhooks)
      await env.stripe.settle(purchase.sessionId, 'succeeded')
      await env.advance(day)
      expect(await env.waitForStatus('Completed', purchase)).toMatchObject({ processing: false, grant: { revokedAt: null } })
    },
  },
  {
    name: 'a bank debit that fails: Failed, and the user can start another purchase',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId, bankDebit)
      await env.advance(2 * day)
      await env.stripe.settle(purchase.sessionId, 'failed')
      expect(await env.waitForStatus('Failed', purchase)).toMatchObject({ open: false, processing: false, grant: null })
      await env.waitUntilClosed(purchase)
    },
  },
  {
    name: 'a bank debit that fails, all webhooks lost: Failed at the next check',
    run: async (env) => {
      await env.stripe.control('faults', dropWebhooks)
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId, bankDebit)
      await env.advance(day)
      await env.stripe.settle(purchase.sessionId, 'failed')
      await env.advance(day)
      await env.waitForStatus('Failed', purchase)
      await env.waitUntilClosed(purchase)
    },
  },
]
