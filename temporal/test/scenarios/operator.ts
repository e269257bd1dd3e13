import { stateQuery } from '@pay-to-view/workflow-client/messages'
import { expect } from 'vitest'
import type { Life } from './scenario.ts'

/** Snapshots that lack what theirs have. */
const unreadable = [
  { kind: 'payment', id: 'pi_1' },
  { kind: 'refund', id: 're_1' },
  { kind: 'weird', id: 'x' },
  { kind: 'session', id: 'cs_1', status: 'odd' },
]

export const operatorLives: Life[] = [
  {
    name: 'canceled in the Temporal UI: the checkout is closed before the run ends',
    recorded: 'canceled',
    play: async (stage) => {
      const bought = await stage.create()
      // Something has to end the start delay: a run that does nothing yet is canceled only after it.
      await stage.purchases.refund(bought.starter, { requestId: 'wake', amount: null, reason: null, by: 'admin' })
      await bought.workflow.cancel()
      await stage.whenClosed(bought)
      expect((await bought.workflow.describe()).status.name).toBe('CANCELLED')
      expect(await stage.row(bought.id)).toMatchObject({ status: 'Expired', open: false })
      await expect(stage.stripe.pay(bought.sessionId)).rejects.toThrow('expired')
    },
  },
  {
    name: 'a payment that is not what was quoted: no access until an operator accepts it',
    recorded: 'accepted',
    play: async (stage) => {
      const item = { name: 'Nosferatu, sold by mistake' }
      const price_data = { currency: 'usd', unit_amount: 399, product_data: item }
      const bought = await stage.create('film', { line_items: [{ quantity: 1, price_data }] })
      await stage.stripe.pay(bought.sessionId)
      await stage.whenTold()
      expect(await stage.row(bought.id)).toMatchObject({ status: 'Pending', mismatch: 'amount', amountPaid: 399, grant: null })
      const acceptance = { by: 'admin', reason: 'our mistake' }
      expect(await stage.purchases.acceptPayment(bought.starter, acceptance)).toEqual({ status: 'Completed', hasAccess: true })
      expect(await stage.purchases.acceptPayment(bought.starter, acceptance)).toEqual({ rejected: 'nothing_to_accept' })
      expect(await stage.row(bought.id)).toMatchObject({ status: 'Completed', mismatch: null, grant: { endedAt: null } })
    },
  },
  {
    name: 'messages by hand that are none: refused, or not taken in, and nothing is held up',
    play: async (stage) => {
      const bought = await stage.create()
      const { workflow } = bought
      const odd = [null, 'paid', [], { eventId: 1, snapshots: [], ask: null }, { eventId: null, snapshots: [null], ask: null }]
      const odder = [
        { eventId: null, snapshots: [{ kind: 'payment' }], ask: null },
        { eventId: null, snapshots: [], ask: 'pi_1' },
        ...unreadable.map((snapshot) => ({ eventId: null, snapshots: [snapshot], ask: null })),
      ]
      for (const fact of [...odd, ...odder]) await workflow.signal('stripeEvent', fact)
      for (const update of ['refund', 'acceptPayment'])
        for (const message of [null, 'all', {}, { by: 1 }, { requestId: 'a b', by: 'olga', reason: 1 }])
          await expect(workflow.executeUpdate(update, { args: [message] })).rejects.toThrow('Workflow Update failed')
      await stage.stripe.pay(bought.sessionId)
      expect(await stage.when('Completed', bought)).toMatchObject({ grant: { endedAt: null } })
    },
  },
  {
    name: 'canceled when it is paid: what was bought stays',
    play: async (stage) => {
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId)
      await stage.when('Completed', bought)
      await bought.workflow.cancel()
      await stage.whenClosed(bought)
      expect(await stage.row(bought.id)).toMatchObject({ status: 'Completed', grant: { endedAt: null } })
    },
  },
  {
    name: 'the query tells what the workflow knows',
    play: async (stage) => {
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId)
      await stage.when('Completed', bought)
      expect(await bought.workflow.query(stateQuery)).toMatchObject({ id: bought.id, status: 'Completed', hasAccess: true })
    },
  },
]
