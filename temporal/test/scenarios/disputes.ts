import { waitFor } from '@pay-to-view/devstack/wait'
import { expect } from 'vitest'
import { type Bought, day, type Stage, second } from '../environment/test-environment.ts'
import type { Life } from './scenario.ts'

/** The next step of the dispute about a purchase, in a second of its own on Stripe's clock, and when the second look at the last is over. */
const dispute = async (stage: Stage, bought: Bought, step: string): Promise<void> => {
  await stage.advance(5 * second)
  const payment = await stage.stripe.paymentOf(bought.sessionId)
  const [open] = (await stage.stripe.node.disputes.list({ payment_intent: payment })).data
  await stage.stripe.post(`disputes/${open?.id}/${step}`)
}

export const disputeLives: Life[] = [
  {
    name: 'a dispute: access withheld, gone when it is lost, and back when the appeal is won',
    recorded: 'dispute-appealed',
    play: async (stage) => {
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId, { card: '4000000000000259' })
      expect(await stage.when('Disputed', bought)).toMatchObject({ amountPaid: 499 })
      await dispute(stage, bought, 'lose')
      await stage.when('ChargedBack', bought)
      await stage.whenTold()
      await stage.whenClosed(bought)
      await dispute(stage, bought, 'appeal')
      await stage.when('Disputed', bought)
      await dispute(stage, bought, 'win')
      expect(await stage.when('Completed', bought)).toMatchObject({ grant: { endedAt: null } })
      expect(await stage.isClosed(bought)).toBe(false)
    },
  },
  {
    name: "two tellings of a dispute in one second of Stripe's clock: Stripe is asked which came last",
    play: async (stage) => {
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId, { card: '4000000000000259' })
      const payment = await stage.stripe.paymentOf(bought.sessionId)
      const [open] = (await stage.stripe.node.disputes.list({ payment_intent: payment })).data
      for (const step of ['lose', 'appeal', 'win']) await stage.stripe.post(`disputes/${open?.id}/${step}`)
      await stage.whenTold()
      await stage.advance(10 * second)
      expect(await stage.when('Completed', bought)).toMatchObject({ grant: { endedAt: null } })
    },
  },
  {
    name: 'two tellings in one second about a second payment, which does not count: Stripe is asked about that one',
    play: async (stage) => {
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId)
      await stage.when('Completed', bought)
      // Of two checkouts that were made in one second either may be the first.
      await stage.advance(2 * second)
      const byHand = await stage.stripe.payByHand(bought.sessionId, { card: '4000000000000259' })
      const payment = await stage.stripe.paymentOf(byHand)
      const [open] = (await stage.stripe.node.disputes.list({ payment_intent: payment })).data
      // Of one second the one that is further on counts, which is the appeal: only Stripe knows that it is lost.
      for (const step of ['lose', 'appeal', 'lose']) await stage.stripe.post(`disputes/${open?.id}/${step}`)
      await stage.whenTold()
      await stage.advance(10 * second)
      await waitFor(
        'the dispute to be known as lost',
        async () => JSON.stringify((await stage.row(bought.id)).facts).includes('"status":"lost"'),
        { within: 15_000, every: 20 },
      )
      expect(await stage.row(bought.id)).toMatchObject({ status: 'Completed', grant: { endedAt: null } })
    },
  },
  {
    name: 'a dispute 200 days after the payment starts the closed run again',
    play: async (stage) => {
      const bought = await stage.create('keep')
      await stage.stripe.pay(bought.sessionId)
      await stage.when('Completed', bought)
      await stage.advance(200 * day)
      await stage.whenClosed(bought)
      await stage.stripe.post(`charges/${await stage.stripe.chargeOf(bought.sessionId)}/dispute`)
      expect(await stage.when('Disputed', bought)).toMatchObject({ grant: { endedAt: expect.any(Date) } })
      await dispute(stage, bought, 'win')
      expect(await stage.when('Completed', bought)).toMatchObject({ grant: { endedAt: null } })
      await stage.whenClosed(bought)
    },
  },
]
