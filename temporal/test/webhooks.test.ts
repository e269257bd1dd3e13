import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createWebhookEndpoint, listDeliveries, sendTestMessage } from '@pay-to-view/db'
import { waitFor } from '@pay-to-view/devstack/wait'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { findSecretStrictly } from '@pay-to-view/testing/secrets'
import { startWebhookReceiver } from '@pay-to-view/testing/webhook-receiver'
import { createSecretBox, createWebhookSender, newSigningSecret } from '@pay-to-view/webhooks'
import type { DeliverPendingResult } from '@pay-to-view/workflow-client/types'
import type { createWebhookClient } from '@pay-to-view/workflow-client/webhooks'
import { MockActivityEnvironment, type TestWorkflowEnvironment } from '@temporalio/testing'
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { deliverAllPending } from '../activities/webhooks/deliver-pending.ts'
import { createEndpointLimiter } from '../activities/webhooks/endpoint-limiter.ts'
import type { WebhookActivityDeps } from '../activities/webhooks/index.ts'
import { historyText, type Run, readRecordedHistories, recordHistories, webhookHistories } from './environment/histories.ts'
import { startTimeSkippingServer } from './environment/temporal-servers.ts'
import { startWebhookWorker } from './environment/webhook-worker.ts'
import { bundleTestWorkflows, silenceTemporalLogs } from './environment/workflow-bundle.ts'

let bundle: WorkflowBundleWithSourceMap
let database: Database
let temporal: TestWorkflowEnvironment
let stopWorker: () => Promise<void>
let webhooks: ReturnType<typeof createWebhookClient>
let activityDeps: WebhookActivityDeps
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>

const box = createSecretBox([randomBytes(32)])
const waitOptions = { timeoutMs: 20_000, intervalMs: 20 }

beforeAll(async () => {
  silenceTemporalLogs()
  bundle = await bundleTestWorkflows()
  database = await startDatabase()
}, 120_000)
afterAll(() => database?.stop(), 60_000)

beforeEach(async () => {
  temporal = await startTimeSkippingServer()
  receiver = await startWebhookReceiver()
  const sender = createWebhookSender({ allowPrivate: true })
  const deps = { db: database.db, webhooks: { sender, secrets: box }, email: null }
  const worker = await startWebhookWorker(temporal, bundle, deps)
  ;({ webhooks, activityDeps } = worker)
  stopWorker = async () => {
    await worker.stop()
    await sender.close()
  }
})
afterEach(async () => {
  await stopWorker()
  receiver.close()
  await temporal.teardown()
})

const noLimits = { maxPerSecond: null, maxConcurrent: null }

const createEndpoint = async (
  limits: { maxPerSecond: number | null; maxConcurrent: number | null } = noLimits,
): Promise<string> => {
  const secret = newSigningSecret()
  receiver.state.secrets.push(secret)
  const created = await createWebhookEndpoint(database.db, {
    ...{ url: receiver.url, events: ['*'], description: '', ...limits },
    ...{ secret: box.encrypt(secret), createdBy: 'test', idempotencyKey: null },
  })
  if ('conflict' in created) throw new Error('The endpoint was not created')
  return created.endpoint.id
}

const sendTest = async (endpointId: string): Promise<string> => {
  const id = await sendTestMessage(database.db, endpointId)
  if (typeof id !== 'string') throw new Error('The test message was not created')
  return id
}

const deliveryOf = async (endpointId: string, messageId: string) => {
  const deliveries = await listDeliveries(database.db, endpointId, { status: null, purchaseId: null, before: null, limit: 100 })
  return deliveries.find((delivery) => delivery.messageId === messageId)
}

const historyOf = async (workflowId: string): Promise<Run> => ({
  workflowId,
  history: await temporal.client.workflow.getHandle(workflowId).fetchHistory(),
})

/** Checks that the histories contain only ids, and records them for the replay below. */
const keep = async (name: string, workflowIds: readonly string[]): Promise<void> => {
  const runs = await Promise.all(workflowIds.map(historyOf))
  for (const run of runs) {
    const text = historyText(run)
    expect(findSecretStrictly(text)).toBeNull()
    expect(text).not.toContain(receiver.url)
  }
  mkdirSync(webhookHistories, { recursive: true })
  if (process.env.RECORD_HISTORIES) recordHistories(name, runs, webhookHistories)
}

test("a failed message is retried on the standard's schedule in a separate workflow until it arrives", async () => {
  const endpointId = await createEndpoint()
  let failures = 3
  receiver.state.respond = () => (failures-- > 0 ? 503 : 200)
  const messageId = await sendTest(endpointId)
  await webhooks.wake(endpointId)
  await waitFor('the first attempt', async () => (await deliveryOf(endpointId, messageId))?.status === 'failing', waitOptions)
  const retries = temporal.client.workflow.getHandle(`webhook-delivery-${endpointId}-${messageId}`)
  await waitFor('the retries to start', () => retries.describe(), waitOptions)
  const attempts = async () => (await deliveryOf(endpointId, messageId))?.attempts.length ?? 0
  // Jitter makes each delay up to a fifth longer. The last attempt follows the third failure.
  for (const [count, minutes] of [5 / 60, 5, 30].entries()) {
    await temporal.sleep(minutes * 60_000 * 0.8)
    expect(await attempts()).toBe(count + 1)
    await temporal.sleep(minutes * 60_000 * 0.5)
    await waitFor(`attempt ${count + 2}`, async () => (await attempts()) === count + 2, waitOptions)
  }
  expect(await retries.result()).toBe('succeeded')
  const delivery = await deliveryOf(endpointId, messageId)
  expect(delivery?.attempts.map(({ status }) => status)).toEqual([503, 503, 503, 200])
  expect(receiver.received.map(({ id }) => id)).toEqual([messageId])
  const endpoint = temporal.client.workflow.getHandle(`webhook-endpoint-${endpointId}`)
  // The workflow ends when there has been nothing to deliver for a minute.
  await endpoint.result()
  await keep('retried', [endpoint.workflowId, retries.workflowId])
})

test('disabling an endpoint ends its workflows and keeps its messages', async () => {
  const endpointId = await createEndpoint()
  receiver.state.respond = () => 500
  const first = await sendTest(endpointId)
  await webhooks.wake(endpointId)
  await waitFor('the first attempt', async () => (await deliveryOf(endpointId, first))?.status === 'failing', waitOptions)
  receiver.state.respond = () => 410
  const second = await sendTest(endpointId)
  await webhooks.wake(endpointId)
  const endpoint = temporal.client.workflow.getHandle(`webhook-endpoint-${endpointId}`)
  await endpoint.result()
  const retries = temporal.client.workflow.getHandle(`webhook-delivery-${endpointId}-${first}`)
  expect(await retries.result()).toBe('abandoned')
  expect(await database.db.webhookEndpoint.findUnique({ where: { id: endpointId } })).toMatchObject({
    ...{ enabled: false, disabledReason: 'gone' },
  })
  for (const id of [first, second]) expect(await deliveryOf(endpointId, id)).toMatchObject({ status: 'failing' })
  await keep('disabled', [endpoint.workflowId, retries.workflowId])
})

test('an endpoint gets no more messages per second and no more concurrent requests than its limits allow', async () => {
  const [slow, narrow] = [
    await createEndpoint({ ...noLimits, maxPerSecond: 10 }),
    await createEndpoint({ ...noLimits, maxConcurrent: 2 }),
  ]
  const ids = new Set<string>()
  for (let count = 0; count < 12; count++) ids.add(await sendTest(slow))
  await webhooks.wake(slow)
  await waitFor('all messages', () => receiver.received.filter(({ id }) => ids.has(id)).length === ids.size, waitOptions)
  const times = receiver.received.map(({ receivedAt }) => receivedAt)
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(1_000)

  const responses: (() => void)[] = []
  receiver.state.respond = () => new Promise((resolve) => responses.push(() => resolve(200)))
  receiver.state.waiting.most = 0
  const narrowIds: string[] = []
  for (let count = 0; count < 6; count++) narrowIds.push(await sendTest(narrow))
  await webhooks.wake(narrow)
  const isDone = async () => (await deliveryOf(narrow, narrowIds[5] ?? ''))?.status === 'succeeded'
  await waitFor(
    'all responses',
    async () => {
      // Both slots have to be taken before one is freed.
      if (receiver.state.waiting.now === 2 || responses.length === 6) for (const respond of responses) respond()
      return isDone()
    },
    waitOptions,
  )
  expect(receiver.state.waiting.most).toBe(2)
})

test.each([
  { maxPerSecond: 5, maxConcurrent: null },
  { maxPerSecond: null, maxConcurrent: 1 },
])('messages that the limits %o hold back before an activity ends stay pending, and are sent once', async (limits) => {
  const endpointId = await createEndpoint(limits)
  receiver.state.respond = async () => {
    await sleep(100)
    return 200
  }
  const ids = new Set<string>()
  for (let count = 0; count < 20; count++) ids.add(await sendTest(endpointId))
  const limiterOf = createEndpointLimiter({ maxPerSecond: 1_000, maxConcurrent: 10 })
  const run = async (durationMs: number): Promise<DeliverPendingResult> => {
    const input = { endpointId, limit: 100 }
    return new MockActivityEnvironment().run(() => deliverAllPending(activityDeps, limiterOf, input, durationMs))
  }
  expect(await run(500)).toMatchObject({ state: 'more', failed: 0 })
  // The activity ended before the limits allowed it to send all messages.
  const pending = await database.db.delivery.count({ where: { endpointId, status: 'pending' } })
  expect(pending).toBe(20 - receiver.received.length)
  expect(pending).toBeGreaterThan(0)
  while ((await run(2_000)).state === 'more');
  expect(receiver.received.map(({ id }) => id).sort()).toEqual([...ids].sort())
})

test('an endpoint is disabled, with an alert, after five days without a successful attempt', async () => {
  const endpointId = await createEndpoint()
  receiver.state.respond = () => 500
  const failFor = async (ms: number) => {
    const data = { failingSince: new Date(Date.now() - ms) }
    await database.db.webhookEndpoint.update({ where: { id: endpointId }, data })
    const id = await sendTest(endpointId)
    await webhooks.wake(endpointId)
    await waitFor('the attempt', async () => (await deliveryOf(endpointId, id))?.status === 'failing', waitOptions)
  }
  const endpoint = () => database.db.webhookEndpoint.findUniqueOrThrow({ where: { id: endpointId } })
  const fiveDaysMs = 5 * 86_400_000
  await failFor(fiveDaysMs - 60_000)
  expect(await endpoint()).toMatchObject({ enabled: true, disabledReason: null })
  await failFor(fiveDaysMs)
  await waitFor('the endpoint to be disabled', async () => !(await endpoint()).enabled, waitOptions)
  expect(await endpoint()).toMatchObject({ disabledReason: 'failing' })
  const alert = { where: { dedupeKey: `webhook_endpoint_disabled:${endpointId}` } }
  expect(await database.db.alert.findUnique(alert)).toMatchObject({ detail: { reason: 'failing' }, resolvedAt: null })
})

test('an endpoint that does not respond delays no other endpoint', async () => {
  const [hanging, healthy] = [await createEndpoint(), await createEndpoint()]
  const toHanging = new Set<string>()
  let release = (): void => undefined
  const released = new Promise<200>((resolve) => {
    release = () => resolve(200)
  })
  receiver.state.respond = ({ id }) => (toHanging.has(id) ? released : 200)
  for (let count = 0; count < 8; count++) toHanging.add(await sendTest(hanging))
  await webhooks.wake(hanging)
  const isHanging = (): boolean => receiver.state.waiting.now >= 5
  await waitFor('requests that hang', isHanging, waitOptions)
  const id = await sendTest(healthy)
  await webhooks.wake(healthy)
  await receiver.waitFor('the message to the other endpoint', (message) => message.id === id)
  // The other attempts are still in progress, so the message did not have to wait for them.
  expect(isHanging()).toBe(true)
  release()
})

test.each(readRecordedHistories(webhookHistories))('the current workflows replay $name', async ({ runs, json }) => {
  expect(findSecretStrictly(json)).toBeNull()
  const histories = runs.map((history) => ({ workflowId: 'replayed', history }))
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: bundle }, histories)) expect(error).toBeUndefined()
})
