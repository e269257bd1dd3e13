import { expect } from 'vitest'
import { second } from '../environment/test-environment.ts'
import type { Life } from './scenario.ts'

const wish = (requestId: string, amount: number | null = null) => ({ requestId, amount, reason: null, by: 'admin' })

export const refundLives: Life[] = [
  {
    name: 'refunds by an admin: none before the payment, each id once, the rest, and no more',
    recorded: 'refunded-by-admin',
    play: async (stage) => {
      const bought = await stage.create()
      const refund = (id: string, amount?: number) => stage.purchases.refund(bought.starter, wish(id, amount))
      expect(await refund('too-early')).toEqual({ rejected: 'not_paid' })
      await stage.stripe.pay(bought.sessionId)
      await stage.when('Completed', bought)
      const twice = await Promise.all([refund('part', 100), refund('part', 100)])
      expect(twice[0]).toMatchObject({ response: { status: 'Completed', amount: 100, amountRefunded: 100, currency: 'usd' } })
      expect(twice[1]).toEqual(twice[0])
      expect(await refund('part', 200)).toEqual({ rejected: 'idempotency_conflict' })
      expect(await refund('greedy', 400)).toEqual({ rejected: 'amount_too_large' })
      expect(await refund('rest')).toMatchObject({ response: { status: 'Refunded', amount: 399, amountRefunded: 499 } })
      await stage.whenClosed(bought)
      expect(await refund('again')).toEqual({ rejected: 'already_refunded' })
      expect(await refund('part', 100)).toEqual(twice[0])
      expect((await stage.stripe.refunds(bought.sessionId)).map(({ amount }) => amount).sort()).toEqual([100, 399])
      expect(await stage.row(bought.id)).toMatchObject({ status: 'Refunded', grant: { endedAt: expect.any(Date) } })
    },
  },
  {
    name: 'Stripe away during a refund: it is made once, and the admin gets the answer',
    play: async (stage) => {
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId)
      await stage.when('Completed', bought)
      await stage.stripe.post('faults', { on: 'api', effect: 'lost_response', path: '/v1/refunds', method: 'POST', times: 2 })
      expect(await stage.purchases.refund(bought.starter, wish('one'))).toMatchObject({ response: { status: 'Refunded' } })
      expect(await stage.stripe.refunds(bought.sessionId)).toHaveLength(1)
    },
  },
  {
    name: 'a refund that is made, whose answer is lost and which Stripe tells of first: the admin gets the answer, and the run ends',
    recorded: 'refund-answer-lost',
    play: async (stage) => {
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId)
      await stage.when('Completed', bought)
      stage.loseAnswers('executeRefund', 3)
      expect(await stage.purchases.refund(bought.starter, wish('one'))).toMatchObject({ response: { status: 'Refunded' } })
      await stage.whenTold()
      await stage.whenClosed(bought)
      expect(await stage.stripe.refunds(bought.sessionId)).toHaveLength(1)
    },
  },
  {
    name: "a refund in Stripe's dashboard that is told before the payment: Refunded, also when the payment is told after it",
    play: async (stage) => {
      await stage.stripe.post('faults', { on: 'webhook', effect: 'drop', types: ['checkout.session.completed'] })
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId)
      await stage.stripe.node.refunds.create({ payment_intent: await stage.stripe.paymentOf(bought.sessionId) })
      expect(await stage.when('Refunded', bought)).toMatchObject({ amountPaid: 499, amountRefunded: 499, grant: null })
      await stage.whenTold()
      await stage.stripe.healed()
      const [completed] = (await stage.stripe.node.events.list({ type: 'checkout.session.completed' })).data
      await stage.stripe.post(`events/${completed?.id}/resend`)
      await stage.whenTold()
      expect(await stage.row(bought.id)).toMatchObject({ status: 'Refunded', grant: null })
      expect(await stage.db.stripeEvent.count({ where: { id: completed?.id ?? '', NOT: { appliedAt: null } } })).toBe(1)
    },
  },
  {
    name: 'a refund that fails later starts the closed run again and gives access back',
    recorded: 'refund-fails-later',
    play: async (stage) => {
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId)
      await stage.when('Completed', bought)
      await stage.purchases.refund(bought.starter, wish('full'))
      await stage.whenTold()
      await stage.whenClosed(bought)
      await stage.advance(10 * second)
      const [refund] = await stage.stripe.refunds(bought.sessionId)
      await stage.stripe.post(`refunds/${refund?.id}/fail`)
      expect(await stage.when('Completed', bought)).toMatchObject({ amountRefunded: 0, grant: { endedAt: null } })
      expect(await stage.isClosed(bought)).toBe(false)
    },
  },
]
