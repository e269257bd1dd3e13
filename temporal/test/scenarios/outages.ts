import { waitFor } from '@pay-to-view/devstack/wait'
import { parseEvent } from '@pay-to-view/ingestion'
import { expect } from 'vitest'
import { day, minute, second } from '../environment/test-environment.ts'
import { type Life, lostWebhooks } from './scenario.ts'

export const outageLives: Life[] = [
  {
    name: 'Stripe answers 500 at the end of the checkout: asked again, and Expired only when Stripe says so',
    recorded: 'stripe-away',
    stripeBehind: 5 * minute,
    play: async (stage) => {
      await stage.stripe.post('faults', lostWebhooks)
      const bought = await stage.create()
      await stage.stripe.post('faults', { on: 'api', effect: 'error' })
      await stage.advance(42 * minute)
      expect(await stage.row(bought.id)).toMatchObject({ status: 'Pending', open: true })
      expect(await stage.isClosed(bought)).toBe(false)
      await stage.stripe.healed()
      await stage.stripe.post('faults', lostWebhooks)
      await stage.advance(10 * minute)
      await stage.when('Expired', bought)
      await stage.whenClosed(bought)
    },
  },
  {
    name: 'Stripe does not answer at the end of a checkout that was paid: never Expired, Completed when it answers',
    play: async (stage) => {
      await stage.stripe.post('faults', lostWebhooks)
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId)
      await stage.stripe.post('faults', { on: 'api', effect: 'timeout' })
      await stage.advance(40 * minute + 2 * second)
      expect(await stage.row(bought.id)).toMatchObject({ status: 'Pending' })
      await stage.stripe.healed()
      await stage.advance(10 * minute)
      await stage.when('Completed', bought)
      const changes = await stage.db.change.findMany({ where: { purchaseId: bought.id } })
      expect(changes.map((change) => change.toStatus)).toEqual(['Completed'])
    },
  },
  {
    name: 'while Stripe is away a webhook still completes the purchase',
    play: async (stage) => {
      const bought = await stage.create()
      await stage.stripe.post('faults', { on: 'webhook', effect: 'delay', ms: 1_500 })
      await stage.stripe.pay(bought.sessionId)
      await stage.stripe.post('faults', { on: 'api', effect: 'cut' })
      await stage.advance(40 * minute)
      await stage.when('Completed', bought)
      expect(await stage.stripe.isHit('cut')).toBe(true)
    },
  },
  {
    name: 'Postgres away when Stripe tells of the payment: Completed when it is back',
    recorded: 'postgres-away',
    play: async (stage) => {
      const bought = await stage.create()
      await stage.stripe.post('faults', lostWebhooks)
      await stage.stripe.pay(bought.sessionId)
      const [event] = (await stage.stripe.node.events.list({ type: 'checkout.session.completed' })).data
      const snapshots = (event && parseEvent(event)?.snapshots) ?? []
      const { back } = await stage.postgresAway()
      await stage.purchases.signalStripeEvent(bought.starter, { eventId: event?.id ?? '', snapshots, refresh: null })
      try {
        await waitFor('the quick tries to be over', async () => (await stage.steps('applyFacts')) > 0, { within: 20_000 })
      } finally {
        await back()
      }
      await stage.when('Completed', bought)
      await stage.advance(day)
      expect(await stage.row(bought.id)).toMatchObject({ grant: { endedAt: null } })
    },
  },
]
