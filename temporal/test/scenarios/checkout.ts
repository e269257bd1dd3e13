import { waitFor } from '@pay-to-view/devstack/wait'
import { expect } from 'vitest'
import { day, minute } from '../environment/test-environment.ts'
import { type Life, lostWebhooks } from './scenario.ts'

export const checkoutLives: Life[] = [
  {
    name: 'paid: access for the days that were bought, watched until 180 days after the payment',
    recorded: 'paid',
    play: async (stage) => {
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId)
      const { completedAt, grant } = await stage.when('Completed', bought)
      const paidAt = completedAt?.getTime() ?? 0
      expect(grant).toMatchObject({ endedAt: null, expiresAt: new Date(paidAt + 30 * day) })
      await stage.advance(179 * day)
      expect(await stage.isClosed(bought)).toBe(false)
      await stage.advance(day)
      await stage.whenClosed(bought)
      const { status, closeTime } = await bought.workflow.describe()
      expect(status.name).toBe('COMPLETED')
      expect((closeTime?.getTime() ?? 0) - paidAt).toBeGreaterThanOrEqual(180 * day)
      expect(await stage.row(bought.id)).toMatchObject({ status: 'Completed', grant: { endedAt: null } })
    },
  },
  {
    name: 'never paid, and no webhook came: Expired once Stripe has said so',
    play: async (stage) => {
      await stage.stripe.post('faults', lostWebhooks)
      const bought = await stage.create()
      await stage.advance(39 * minute)
      expect(await stage.row(bought.id)).toMatchObject({ status: 'Pending', open: true })
      await stage.advance(2 * minute)
      expect(await stage.when('Expired', bought)).toMatchObject({ open: false, grant: null })
      await stage.whenClosed(bought)
    },
  },
  {
    name: 'paid, and every webhook lost: Completed at the end of the checkout',
    play: async (stage) => {
      await stage.stripe.post('faults', lostWebhooks)
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId)
      await stage.advance(39 * minute)
      expect(await stage.row(bought.id)).toMatchObject({ status: 'Pending', grant: null })
      await stage.advance(2 * minute)
      expect(await stage.when('Completed', bought)).toMatchObject({ amountPaid: 499, grant: { endedAt: null } })
    },
  },
  {
    name: 'a checkout that is still open at its end is closed at Stripe',
    recorded: 'unpaid',
    stripeBehind: 5 * minute,
    play: async (stage) => {
      const bought = await stage.create()
      await stage.advance(41 * minute)
      await stage.when('Expired', bought)
      await stage.whenClosed(bought)
      const { data } = await stage.stripe.node.events.list({ type: 'checkout.session.expired' })
      // A request of ours has closed it, not Stripe's clock.
      expect(data).toMatchObject([{ data: { object: { id: bought.sessionId } }, request: { id: expect.any(String) } }])
      await expect(stage.stripe.pay(bought.sessionId)).rejects.toThrow('expired')
    },
  },
  {
    name: 'paid in the moment in which the checkout is closed: Completed',
    stripeBehind: 5 * minute,
    play: async (stage) => {
      await stage.stripe.post('faults', lostWebhooks)
      const bought = await stage.create()
      const path = `/v1/checkout/sessions/${bought.sessionId}/expire`
      await stage.stripe.post('faults', { on: 'api', effect: 'latency', ms: 300, path })
      const passing = stage.advance(41 * minute)
      await waitFor('Stripe to be asked to close it', () => stage.stripe.isHit('latency'), { within: 10_000, every: 5 })
      await stage.stripe.pay(bought.sessionId)
      await passing
      expect(await stage.when('Completed', bought)).toMatchObject({ grant: { endedAt: null } })
    },
  },
  {
    name: 'closed for the viewer who asks anew: nobody can pay into it any more',
    play: async (stage) => {
      const bought = await stage.create()
      const closing = await stage.purchases.closeCheckout(bought.starter)
      expect(closing).toEqual({ status: 'Expired', hasAccess: false, processing: false, mismatch: false })
      await expect(stage.stripe.pay(bought.sessionId)).rejects.toThrow('expired')
      await stage.whenClosed(bought)
    },
  },
  {
    name: 'closed for the viewer who has just paid: the answer is that access is there',
    play: async (stage) => {
      await stage.stripe.post('faults', lostWebhooks)
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId)
      const closing = await stage.purchases.closeCheckout(bought.starter)
      expect(closing).toEqual({ status: 'Completed', hasAccess: true, processing: false, mismatch: false })
    },
  },
]
