import {
  applyFacts,
  dispatchMessages,
  emailEndpointId,
  enableEmail,
  insertPurchase,
  listDeliveries,
  newPurchaseId,
  resendMessage,
} from '@pay-to-view/db'
import { type Mailbox, type Rejection, startMailbox } from '@pay-to-view/devstack/mailbox'
import { waitFor } from '@pay-to-view/devstack/wait'
import { createMailer, createRenderer, readTemplates } from '@pay-to-view/email'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { seedIds } from '@pay-to-view/testing/stack'
import type { createWebhookClient } from '@pay-to-view/workflow-client/webhooks'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { historyText } from './environment/histories.ts'
import { startTimeSkippingServer } from './environment/temporal-servers.ts'
import { startWebhookWorker } from './environment/webhook-worker.ts'
import { bundleTestWorkflows, silenceTemporalLogs } from './environment/workflow-bundle.ts'

let bundle: WorkflowBundleWithSourceMap
let database: Database
let temporal: TestWorkflowEnvironment
let stop: () => Promise<void>
let webhooks: ReturnType<typeof createWebhookClient>
let mailbox: Mailbox
const reject: { with: (recipient: string) => Rejection } = { with: () => null }
/** The e-mail addresses that are stored in Stripe, by session. */
const addresses = new Map<string, string>()

const waitOptions = { timeoutMs: 20_000, intervalMs: 20 }

beforeAll(async () => {
  silenceTemporalLogs()
  bundle = await bundleTestWorkflows()
  database = await startDatabase()
}, 120_000)
afterAll(() => database?.stop(), 60_000)

beforeEach(async () => {
  reject.with = () => null
  await enableEmail(database.db, { maxPerSecond: 1_000, maxConcurrent: 5 })
  temporal = await startTimeSkippingServer()
  mailbox = await startMailbox(0, (recipient) => reject.with(recipient))
  const mailer = createMailer({ url: mailbox.url, from: 'tickets@cinema.example' })
  const site = { name: 'Cinema', url: null, color: '#000', address: null, termsUrl: null }
  const render = createRenderer({ site, templates: readTemplates(undefined), defaultLanguage: 'en', timeZone: 'UTC' })
  const stripe = {
    fetchRecipient: async (sessionId: string | null) => ({
      address: addresses.get(sessionId ?? '') ?? null,
      receiptUrl: null,
      invoiceUrl: null,
    }),
  }
  const worker = await startWebhookWorker(temporal, bundle, {
    db: database.db,
    webhooks: null,
    email: { stripe, render, mailer },
  })
  webhooks = worker.webhooks
  stop = async () => {
    await worker.stop()
    mailer.close()
  }
})
afterEach(async () => {
  await stop()
  await mailbox.stop()
  await temporal.teardown()
  await database.db.webhookEndpoint.deleteMany()
  await database.db.outboxMessage.deleteMany()
})

let users = 0

/** Inserts a paid purchase. `address` is the buyer's e-mail address in Stripe. */
const buy = async (address: string | null): Promise<string> => {
  const { db } = database
  const [id, userId] = [newPurchaseId(), `user-${++users}`]
  const entity = { id: seedIds.film, type: 'video' as const, title: 'Nosferatu' }
  await insertPurchase(db, {
    ...{ id, userId, entity, checkoutRequest: {}, checkoutDeadline: new Date(Date.now() + 2_400_000) },
    ...{ product: { id: seedIds.thirtyDayProduct, amount: 499, currency: 'usd', accessDurationDays: null } },
    stripeCustomerId: `cus_${userId}`,
  })
  await db.purchase.update({ where: { id }, data: { sessionId: `cs_${id}` } })
  if (address !== null) addresses.set(`cs_${id}`, address)
  const observedAt = Math.floor(Date.now() / 1_000)
  const session = {
    ...({ kind: 'session', id: `cs_${id}`, status: 'complete', paymentIntentId: `pi_${id}`, hasPaymentIntent: true } as const),
    ...{ userId, entityId: entity.id, createdAt: observedAt - 10, observedAt },
  }
  const payment = { kind: 'payment', id: `pi_${id}`, status: 'paid', amount: 499, currency: 'usd', observedAt } as const
  await applyFacts(db, { id, snapshots: [session, payment], cause: { kind: 'event', eventIds: [] } })
  const { id: messageId } = await db.outboxMessage.findFirstOrThrow({ where: { purchaseId: id } })
  await dispatchMessages(db)
  await webhooks.wake(emailEndpointId)
  return messageId
}

const deliveryOf = async (messageId: string) => {
  const all = await listDeliveries(database.db, emailEndpointId, { status: null, purchaseId: null, before: null, limit: 100 })
  return all.find((delivery) => delivery.messageId === messageId)
}
const statusOf = (messageId: string, status: string) =>
  waitFor(`${messageId} to be ${status}`, async () => (await deliveryOf(messageId))?.status === status, waitOptions)

test('a temporarily rejected e-mail is sent again later with the same message id', async () => {
  let rejections = 2
  reject.with = () => (rejections-- > 0 ? { status: 451, message: '4.7.1 ann@example.com: try again later' } : null)
  const messageId = await buy('ann@example.com')
  await statusOf(messageId, 'failing')
  const retries = temporal.client.workflow.getHandle(`webhook-delivery-email-${messageId}`)
  await waitFor('the retries to start', () => retries.describe(), waitOptions)
  expect(await retries.result()).toBe('succeeded')
  const delivery = await deliveryOf(messageId)
  expect(delivery).toMatchObject({ status: 'succeeded', attempts: [{ status: 451 }, { status: 451 }, { status: 250 }] })
  expect(delivery?.attempts[0]).toMatchObject({ error: '451 4.7.1 at RCPT TO', response: null })
  expect(mailbox.mails).toMatchObject([{ messageId: `<${messageId}@cinema.example>`, to: 'ann@example.com' }])
  for (const workflowId of [retries.workflowId, 'webhook-endpoint-email']) {
    const history = await temporal.client.workflow.getHandle(workflowId).fetchHistory()
    expect(historyText({ workflowId, history })).not.toContain('ann')
  }
})

test('an e-mail to a nonexistent or unknown address is not retried and delays no other e-mail', async () => {
  reject.with = (recipient) => (recipient === 'gone@example.com' ? { status: 550, message: '5.1.1 gone' } : null)
  const [gone, unknown, ben] = [await buy('gone@example.com'), await buy(null), await buy('ben@example.com')]
  await statusOf(ben, 'succeeded')
  await statusOf(gone, 'failed')
  await statusOf(unknown, 'failed')
  expect(await deliveryOf(gone)).toMatchObject({ attempts: [{ status: 550, error: '550 5.1.1 at RCPT TO' }] })
  expect(await deliveryOf(unknown)).toMatchObject({ attempts: [{ error: 'Not sent: Stripe has no address for the user' }] })
  expect(await database.db.webhookEndpoint.findUnique({ where: { id: emailEndpointId } })).toMatchObject({
    ...{ enabled: true, failingSince: null },
  })
})

test('an e-mail that is too old is not sent, unless an operator resends it', async () => {
  const { db } = database
  reject.with = () => ({ status: 451, message: 'later' })
  const messageId = await buy('ann@example.com')
  await statusOf(messageId, 'failing')
  reject.with = () => null
  await db.outboxMessage.update({ where: { id: messageId }, data: { createdAt: new Date(Date.now() - 8 * 86_400_000) } })
  expect(await temporal.client.workflow.getHandle(`webhook-delivery-email-${messageId}`).result()).toBe('failed')
  expect((await deliveryOf(messageId))?.attempts.at(-1)).toMatchObject({ error: 'Not sent: the e-mail is too old' })
  expect(mailbox.mails).toEqual([])
  expect(await resendMessage(db, emailEndpointId, messageId)).toBe(true)
  await webhooks.wake(emailEndpointId)
  await statusOf(messageId, 'succeeded')
  expect(mailbox.mails).toMatchObject([{ messageId: `<${messageId}@cinema.example>` }])
})

test('when a mail server is down for more than an hour, an alert is raised, e-mail stays enabled, and the e-mails are sent when it is back', async () => {
  const { db } = database
  reject.with = () => ({ status: 421, message: 'closed' })
  const messageId = await buy('ann@example.com')
  await statusOf(messageId, 'failing')
  // A site's endpoint that fails for six days is disabled, but the e-mail endpoint only raises an alert.
  const failingSince = new Date(Date.now() - 6 * 86_400_000)
  await db.webhookEndpoint.update({ where: { id: emailEndpointId }, data: { failingSince } })
  const second = await buy('ben@example.com')
  await statusOf(second, 'failing')
  const alert = () => db.alert.findUnique({ where: { dedupeKey: 'email_failing:email' } })
  await waitFor('the alert', async () => (await alert())?.resolvedAt === null, waitOptions)
  expect(JSON.stringify((await alert())?.detail)).not.toContain('example.com')
  reject.with = () => null
  const third = await buy('cho@example.com')
  await statusOf(third, 'succeeded')
  await waitFor('the end of the alert', async () => (await alert())?.resolvedAt !== null, waitOptions)
  for (const id of [messageId, second])
    expect(await temporal.client.workflow.getHandle(`webhook-delivery-email-${id}`).result()).toBe('succeeded')
  expect(await db.webhookEndpoint.findUnique({ where: { id: emailEndpointId } })).toMatchObject({
    enabled: true,
    failingSince: null,
  })
})
