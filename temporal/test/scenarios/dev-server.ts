import { waitFor } from '@pay-to-view/devstack/wait'
import { parseEvent } from '@pay-to-view/ingestion'
import { StripeUnavailable } from '@pay-to-view/workflow-client/errors'
import { type StripeEventMessage, stateQuery } from '@pay-to-view/workflow-client/messages'
import { expect } from 'vitest'
import type { Stage } from '../environment/test-environment.ts'
import { type Life, lostWebhooks } from './scenario.ts'

/** What the newest event of this type says, as the door passes it on. */
const factOf = async (stage: Stage, type: 'checkout.session.completed'): Promise<StripeEventMessage> => {
  const [event] = (await stage.stripe.node.events.list({ type })).data
  return { eventId: event?.id ?? '', snapshots: (event && parseEvent(event)?.snapshots) ?? [], refresh: null }
}

const soon = { within: 15_000, every: 20 }

/** What only a real server does as it does it in production. */
export const serverLives: Life[] = [
  {
    name: 'nothing runs until Stripe tells something; that ends the wait at once',
    recorded: 'woken-by-webhook',
    play: async (stage) => {
      const bought = await stage.create()
      await expect(bought.workflow.query(stateQuery)).rejects.toThrow('Failed to query')
      const before = await bought.workflow.describe()
      expect(before.status.name).toBe('RUNNING')
      expect(before.historyLength).toBe(1)
      await stage.stripe.pay(bought.sessionId)
      await stage.when('Completed', bought)
      expect(await bought.workflow.query(stateQuery)).toMatchObject({ id: bought.id, status: 'Completed' })
    },
  },
  {
    name: 'canceled in the Temporal UI while it waits: the checkout stays open until something ends the wait, then it is closed',
    play: async (stage) => {
      const bought = await stage.create()
      await bought.workflow.cancel()
      expect(await stage.isClosed(bought)).toBe(false)
      expect((await stage.stripe.node.checkout.sessions.retrieve(bought.sessionId)).status).toBe('open')
      await stage.purchases.signalStripeEvent(bought.starter, { eventId: 'evt_wake', snapshots: [], refresh: null })
      await stage.whenClosed(bought)
      expect((await bought.workflow.describe()).status.name).toBe('CANCELLED')
      expect(await stage.row(bought.id)).toMatchObject({ status: 'Expired', open: false })
    },
  },
  {
    name: 'an operator finds a purchase by its search attributes, also while it waits',
    play: async (stage) => {
      const bought = await stage.create()
      const find = async (status: string): Promise<string[]> => {
        const found: string[] = []
        const query = `PurchaseStatus = "${status}" AND UserId = "${bought.userId}" AND EntityId = "${bought.starter.entityId}"`
        for await (const { workflowId } of stage.env.client.workflow.list({ query })) found.push(workflowId)
        return found
      }
      await waitFor('the waiting purchase to be found', async () => (await find('Pending')).includes(bought.id), soon)
      await stage.stripe.pay(bought.sessionId)
      await waitFor('the paid purchase to be found', async () => (await find('Completed')).includes(bought.id), soon)
      expect(await find('Pending')).toEqual([])
      expect(await bought.workflow.describe().then((description) => description.staticSummary())).toMatch(/Nosferatu · 4.99 USD$/)
    },
  },
  {
    name: 'a long life goes on in a new run: no fact is lost, and everybody who waits gets an answer',
    recorded: 'continued-as-new',
    play: async (stage) => {
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId)
      await stage.when('Completed', bought)
      const { runId } = await bought.workflow.describe()
      const fact = await factOf(stage, 'checkout.session.completed')
      const refund = (amount: number) =>
        stage.purchases.refund(bought.starter, { requestId: `part-${amount}`, amount, reason: null, by: 'admin' })
      const answers: Promise<unknown>[] = []
      await stage.stripe.post('faults', lostWebhooks)
      for (let amount = 1; amount <= 4; amount++) {
        await stage.purchases.signalStripeEvent(bought.starter, fact)
        answers.push(refund(amount))
      }
      for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ response: { success: true } })
      expect(await stage.row(bought.id)).toMatchObject({ status: 'Completed', amountRefunded: 10 })
      await waitFor('a new run', async () => (await bought.workflow.describe()).runId !== runId, soon)
      // Null until the new run has looked.
      const known = await waitFor('the new run to know it', () => bought.workflow.query(stateQuery), soon)
      expect(known).toMatchObject({ amountRefunded: 10, refundsDue: [] })
      expect(await stage.stripe.refunds(bought.sessionId)).toHaveLength(4)
    },
  },
  {
    name: 'a long life goes on in a new run although Stripe is away: who waits is told to ask again, and the refund is made when it is back',
    recorded: 'continued-while-stripe-away',
    play: async (stage) => {
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId)
      await stage.when('Completed', bought)
      const fact = await factOf(stage, 'checkout.session.completed')
      const { runId } = await bought.workflow.describe()
      await stage.stripe.post('faults', { on: 'api', effect: 'error' })
      const wish = { requestId: 'while-away', amount: null, reason: null, by: 'admin' }
      const answer = stage.purchases.refund(bought.starter, wish).then(
        () => 'answered',
        (error: unknown) => (error instanceof StripeUnavailable ? 'ask again' : error),
      )
      await waitFor('the refund to be tried in vain', () => stage.stripe.isHit('error'), soon)
      await waitFor(
        'a new run',
        async () => {
          await stage.purchases.signalStripeEvent(bought.starter, fact)
          return (await bought.workflow.describe()).runId !== runId
        },
        soon,
      )
      expect(await answer).toBe('ask again')
      await stage.stripe.healed()
      await stage.when('Refunded', bought)
      expect(await stage.purchases.refund(bought.starter, wish)).toMatchObject({ response: { success: true, amount: 499 } })
      expect(await stage.stripe.refunds(bought.sessionId)).toHaveLength(1)
    },
  },
  {
    name: 'one refund asked for by two admins at once, and its id again with another amount',
    play: async (stage) => {
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId)
      await stage.when('Completed', bought)
      const refund = (amount: number | null) =>
        stage.purchases.refund(bought.starter, { requestId: 'one', amount, reason: null, by: 'admin' })
      const [first, second] = await Promise.all([refund(100), refund(100)])
      expect(first).toMatchObject({ response: { amount: 100, amountRefunded: 100 } })
      expect(second).toEqual(first)
      expect(await refund(null)).toEqual({ rejected: 'idempotency_conflict' })
      expect(await stage.stripe.refunds(bought.sessionId)).toHaveLength(1)
    },
  },
]
