import { waitFor } from '@pay-to-view/devstack/wait'
import { storedParsedEvent } from '@pay-to-view/ingestion'
import { UpdateUnconfirmed } from '@pay-to-view/workflow-client/errors'
import { purchaseWorkflow } from '@pay-to-view/workflow-client/messages'
import { RawValue } from '@temporalio/common'
import type Stripe from 'stripe'
import { expect } from 'vitest'
import { day, minute, type TestEnvironment, type TestPurchase } from '../environment/test-environment.ts'
import { dropWebhooks, type Scenario } from './scenario.ts'

const waitOptions = { timeoutMs: 15_000, intervalMs: 20 }

const alertsOf = async ({ db }: TestEnvironment, { id }: TestPurchase) =>
  (await db.alert.findMany({ where: { purchaseId: id }, orderBy: { id: 'asc' } })).map(({ kind, detail }) => ({ kind, detail }))

const waitForAlert = (env: TestEnvironment, purchase: TestPurchase, kind: string) =>
  waitFor(`${kind}`, async () => (await alertsOf(env, purchase)).find((alert) => alert.kind === kind), waitOptions)

/** An event for one purchase's checkout that names another purchase's payment intent. */
const eventWithPaymentOf = async (env: TestEnvironment, purchase: TestPurchase, paid: TestPurchase): Promise<Stripe.Event> => {
  const [event] = (await env.stripe.client.events.list({ type: 'checkout.session.completed' })).data
  if (event?.type !== 'checkout.session.completed') throw new Error('Nothing was paid')
  const { metadata } = await env.stripe.client.checkout.sessions.retrieve(purchase.sessionId)
  const payment_intent = await env.stripe.paymentIntentId(paid.sessionId)
  return {
    ...event,
    id: `evt_poison_${purchase.id}`,
    data: { object: { ...event.data.object, id: `cs_poison_${purchase.id}`, metadata, payment_intent } },
  }
}

/** Makes Postgres reject every write of a purchase's row in a table, until the returned function is called. */
const rejectWrites = async (
  { db }: TestEnvironment,
  table: 'purchases' | 'refunds',
  column: 'id' | 'purchase_id',
  id: string,
  errorCode = 'check_violation',
) => {
  const name = `reject_${id}`
  await db.$executeRawUnsafe(
    `create function ${name}() returns trigger language plpgsql as $$ begin raise 'rejected by ${name}' using errcode = '${errorCode}'; end $$`,
  )
  await db.$executeRawUnsafe(
    `create trigger ${name} before insert or update on ${table} for each row when (new.${column} = '${id}') execute function ${name}()`,
  )
  return async () => {
    await db.$executeRawUnsafe(`drop function ${name} cascade`)
  }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const payload = (encoding: string, data: string) =>
  RawValue.fromPayload({ metadata: { encoding: bytes(encoding) }, data: bytes(data) })
const unreadablePayloads = [
  payload('json/protobuf', '{}'),
  payload('binary/encrypted', 'ciphertext'),
  payload('json/plain', '{'),
  RawValue.fromPayload({ data: bytes('{}') }),
]

/** Work that Postgres or a schema would reject again is abandoned with an alert, and the purchase continues. */
export const permanentFailureScenarios: Scenario[] = [
  {
    name: 'an event of one purchase that names a payment of another purchase is set aside: the buyer can pay, has access and is refunded',
    recordAs: 'poison-event',
    run: async (env) => {
      const [other, purchase] = [await env.createPurchase(), await env.createPurchase()]
      await env.stripe.pay(other.sessionId)
      await env.waitForStatus('Completed', other)
      const poison = await eventWithPaymentOf(env, purchase, other)
      expect(await env.ingestor.ingest(poison, 'webhook')).toBe('dispatched')
      expect(await waitForAlert(env, purchase, 'facts_set_aside')).toMatchObject({
        detail: {
          eventIds: [poison.id],
          snapshots: [expect.stringMatching(/^session cs_poison/), expect.stringMatching(/^payment pi_/)],
          error: expect.stringContaining('purchases_external_transaction_id_key'),
          otherPurchases: [other.id],
        },
      })
      const recorded = () => env.db.stripeEvent.findUniqueOrThrow({ where: { id: poison.id } })
      expect(await recorded()).toMatchObject({ outcome: 'set_aside', appliedAt: null })
      expect(await env.ingestor.ingest(poison, 'reconcile')).toBe('duplicate')

      await env.stripe.pay(purchase.sessionId)
      expect(await env.waitForStatus('Completed', purchase)).toMatchObject({ grant: { revokedAt: null } })
      const refund = { requestId: 'full', amount: null, reason: null, by: 'admin' }
      expect(await env.purchases.refund(purchase.startInput, refund)).toMatchObject({ response: { status: 'Refunded' } })
      expect(await env.row(other.id)).toMatchObject({ status: 'Completed', grant: { revokedAt: null } })
      expect(await alertsOf(env, purchase)).toHaveLength(1)
    },
  },
  {
    name: "a poison event before the payment's own event: the alert of the payment's purchase names both, and the payment can be given back",
    run: async (env) => {
      await env.stripe.control('faults', dropWebhooks)
      const [owner, thief] = [await env.createPurchase(), await env.createPurchase()]
      await env.stripe.pay(owner.sessionId)
      const poison = await eventWithPaymentOf(env, thief, owner)
      await env.ingestor.ingest(poison, 'webhook')
      await env.waitForStatus('Completed', thief)
      const [event] = (await env.stripe.client.events.list({ type: 'checkout.session.completed' })).data
      if (event) await env.ingestor.ingest(event, 'webhook')
      expect(await waitForAlert(env, owner, 'facts_set_aside')).toMatchObject({
        detail: { eventIds: [event?.id], otherPurchases: [thief.id], purchasesAtStripe: [owner.id] },
      })

      // The repair that docs/operations.md describes.
      await env.db.$executeRaw`
        update purchases set facts = (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(facts)
          where external_transaction_id not in (value ->> 'id', coalesce(value ->> 'paymentIntentId', '')))
        where id = ${thief.id}`
      for (const purchase of [thief, owner]) {
        const snapshots = await env.stripe.gateway.fetchCheckoutSnapshots(purchase.sessionId)
        await env.purchases.signalStripeEvent(purchase.startInput, { eventId: null, snapshots, refresh: null })
        if (purchase === thief) await env.waitForStatus('Pending', thief)
      }
      expect(await env.waitForStatus('Completed', owner)).toMatchObject({ grant: { revokedAt: null } })
      expect(await env.row(thief.id)).toMatchObject({ externalTransactionId: null, grant: { revokedAt: expect.any(Date) } })
    },
  },
  {
    name: 'an event that cannot be applied for an unknown reason stays unapplied with an alert, and is applied when the reason no longer exists',
    run: async (env) => {
      const purchase = await env.createPurchase()
      const stop = await rejectWrites(env, 'purchases', 'id', purchase.id, 'XX000')
      await env.stripe.pay(purchase.sessionId)
      await waitFor('the local activity to give up', async () => (await env.countRemoteActivities('applyFacts')) > 0, waitOptions)
      await env.advance(5 * minute)
      expect(await waitForAlert(env, purchase, 'activity_failed')).toMatchObject({ detail: { activity: 'applyFacts' } })
      const where = { purchaseId: purchase.id, type: 'checkout.session.completed' }
      const { parsed, ...event } = await env.db.stripeEvent.findFirstOrThrow({ where })
      expect(event).toMatchObject({ outcome: 'matched', appliedAt: null })
      await stop()
      expect(await env.ingestor.dispatch({ ...event, parsed: storedParsedEvent.parse(parsed) })).toBe('dispatched')
      expect(await env.waitForStatus('Completed', purchase)).toMatchObject({ grant: { revokedAt: null } })
      await env.waitUntilEventsApplied()
    },
  },
  {
    name: 'an event that cannot be applied arrives in a batch with a payment: only this event is set aside',
    run: async (env) => {
      const [other, purchase] = [await env.createPurchase(), await env.createPurchase()]
      await env.stripe.pay(other.sessionId)
      await env.waitForStatus('Completed', other)
      const poison = await eventWithPaymentOf(env, purchase, other)
      await env.stripe.pay(purchase.sessionId)
      // Both signals arrive in the first workflow task.
      await env.ingestor.ingest(poison, 'webhook')
      expect(await env.waitForStatus('Completed', purchase)).toMatchObject({ grant: { revokedAt: null } })
      await waitForAlert(env, purchase, 'facts_set_aside')
      await env.waitUntilEventsApplied()
    },
  },
  {
    name: 'messages and arguments that cannot be decoded are skipped with one alert each, and the purchase is not blocked',
    recordAs: 'unreadable-messages',
    run: async (env) => {
      const purchase = await env.createPurchase()
      const { workflow } = purchase
      for (const message of unreadablePayloads) await workflow.signal('stripeEvent', message)
      for (const update of ['refund', 'acceptPayment', 'closeCheckout'])
        await expect(workflow.executeUpdate(update, { args: [unreadablePayloads[0]] })).rejects.toMatchObject({
          cause: { message: expect.stringMatching(/Expected an argument as JSON \(Unknown encoding: json\/protobuf\)/) },
        })
      await env.stripe.pay(purchase.sessionId, { card: '4000000000000259' })
      expect(await env.waitForStatus('Disputed', purchase)).toMatchObject({ grant: { revokedAt: expect.any(Date) } })
      expect(await alertsOf(env, purchase)).toContainEqual({
        kind: 'malformed_message',
        detail: expect.objectContaining({ name: 'stripeEvent', problem: expect.stringContaining('unreadable payload') }),
      })

      await workflow.terminate()
      await env.temporal.client.workflow.start(purchaseWorkflow, {
        ...{ workflowId: purchase.id, args: [unreadablePayloads[0], unreadablePayloads[1]], taskQueue: env.taskQueue },
      })
      const refresh = { requestId: 'any', amount: 1, reason: null, by: 'admin' }
      expect(await env.purchases.refund(purchase.startInput, refresh)).toEqual({ rejected: 'disputed' })
      const malformed = (await alertsOf(env, purchase)).filter(({ kind }) => kind === 'malformed_message')
      expect(malformed).toMatchObject([{ detail: { name: 'stripeEvent' } }, { detail: { name: 'argument' } }])
    },
  },
  {
    name: 'malformed signals are reported once a day',
    run: async (env) => {
      const purchase = await env.createPurchase()
      for (const message of [null, 'paid', [], { eventId: 1, snapshots: [] }])
        await purchase.workflow.signal('stripeEvent', message)
      expect(await waitForAlert(env, purchase, 'malformed_message')).toMatchObject({
        detail: { name: 'stripeEvent', problem: 'not in the expected format', workflowId: purchase.id },
      })
      await env.stripe.pay(purchase.sessionId)
      await env.waitForStatus('Completed', purchase)
      expect(await alertsOf(env, purchase)).toHaveLength(1)
    },
  },
  {
    name: 'a refund whose result Postgres rejects: its outcome is unknown, an alert is raised, and a repeated request succeeds when Postgres accepts it',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.stripe.pay(purchase.sessionId)
      await env.waitForStatus('Completed', purchase)
      const stop = await rejectWrites(env, 'refunds', 'purchase_id', purchase.id)
      const refund = () => env.purchases.refund(purchase.startInput, { requestId: 'one', amount: 100, reason: null, by: 'admin' })
      await expect(refund()).rejects.toBeInstanceOf(UpdateUnconfirmed)
      expect(await waitForAlert(env, purchase, 'activity_failed')).toMatchObject({ detail: { activity: 'executeRefund' } })
      await waitForAlert(env, purchase, 'facts_set_aside')
      await stop()
      expect(await refund()).toMatchObject({ response: { amount: 100, amountRefunded: 100 } })
      expect(await env.stripe.listRefunds(purchase.sessionId)).toHaveLength(1)
    },
  },
  {
    name: 'a checkout whose expiry Postgres rejects raises an alert, and is checked again a day later',
    run: async (env) => {
      const purchase = await env.createPurchase()
      const stop = await rejectWrites(env, 'purchases', 'id', purchase.id)
      await env.advance(41 * minute)
      expect(await waitForAlert(env, purchase, 'activity_failed')).toMatchObject({ detail: { activity: 'expireCheckout' } })
      const attempts = await env.countRemoteActivities('expireCheckout')
      await env.advance(day / 2)
      expect(await env.countRemoteActivities('expireCheckout')).toBe(attempts)
      await stop()
      await env.advance(day)
      await env.waitForStatus('Expired', purchase)
    },
  },
  {
    name: 'stored facts that this version cannot read: an alert is raised, events stay unapplied, and a later version continues',
    run: async (env) => {
      const purchase = await env.createPurchase()
      await env.db.purchase.update({
        where: { id: purchase.id },
        data: { facts: { 'voucher:v_1': { kind: 'voucher', id: 'v_1' } } },
      })
      await env.stripe.pay(purchase.sessionId)
      await waitForAlert(env, purchase, 'purchase_unreadable')
      const refund = { requestId: 'one', amount: null, reason: null, by: 'admin' }
      await expect(env.purchases.refund(purchase.startInput, refund)).rejects.toBeInstanceOf(UpdateUnconfirmed)
      const unapplied = await env.db.stripeEvent.findMany({ where: { purchaseId: purchase.id, appliedAt: null } })
      expect(unapplied.map(({ outcome }) => outcome)).toEqual(['matched'])
      await env.db.purchase.update({ where: { id: purchase.id }, data: { facts: {} } })
      const paymentIntentId = await env.stripe.paymentIntentId(purchase.sessionId)
      const eventId = unapplied[0]?.id ?? null
      await env.purchases.signalStripeEvent(purchase.startInput, { eventId, snapshots: [], refresh: { paymentIntentId } })
      expect(await env.waitForStatus('Completed', purchase)).toMatchObject({ grant: { revokedAt: null } })
      expect((await alertsOf(env, purchase)).map(({ kind }) => kind)).toEqual(['purchase_unreadable'])
    },
  },
]
