import { fileURLToPath } from 'node:url'
import { waitFor } from '@pay-to-view/devstack/wait'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDevServer } from './environment/temporal-servers.ts'
import { createTestEnvironment } from './environment/test-environment.ts'
import { bundleTestWorkflows, silenceTemporalLogs } from './environment/workflow-bundle.ts'

let database: Database
let previousBundle: WorkflowBundleWithSourceMap
let nextBundle: WorkflowBundleWithSourceMap
let incompatibleBundle: WorkflowBundleWithSourceMap

beforeAll(async () => {
  silenceTemporalLogs()
  previousBundle = await bundleTestWorkflows()
  nextBundle = await bundleTestWorkflows(fileURLToPath(new URL('./changed-workflow/patched.ts', import.meta.url)))
  incompatibleBundle = await bundleTestWorkflows(fileURLToPath(new URL('./changed-workflow/unpatched.ts', import.meta.url)))
  database = await startDatabase()
}, 120_000)

afterAll(() => database?.stop())

const markerNames = (events: { markerRecordedEventAttributes?: { markerName?: string | null } | null }[] | null | undefined) =>
  (events ?? []).flatMap(({ markerRecordedEventAttributes }) => markerRecordedEventAttributes?.markerName ?? [])

test('a purchase that started with the previous version is refunded with the next one, which also handles a new purchase', async () => {
  const env = await createTestEnvironment({ server: () => startDevServer(10_000), database, bundle: previousBundle })
  try {
    const existing = await env.createPurchase()
    await env.stripe.pay(existing.sessionId)
    await env.waitForStatus('Completed', existing)
    await env.replaceWorker(nextBundle)
    const refund = { requestId: 'after', amount: null, reason: null, by: 'admin' }
    expect(await env.purchases.refund(existing.startInput, refund)).toMatchObject({ response: { success: true, amount: 499 } })
    await env.waitForStatus('Refunded', existing)
    await env.waitUntilClosed(existing)
    expect(markerNames((await existing.workflow.fetchHistory()).events)).not.toContain('core_patch')

    const created = await env.createPurchase()
    await env.stripe.pay(created.sessionId)
    await env.waitForStatus('Completed', created)
    expect(markerNames((await created.workflow.fetchHistory()).events)).toContain('core_patch')
  } finally {
    await env.close()
  }
}, 120_000)

test('a workflow that a version cannot replay is listed as blocked until a version can replay it', async () => {
  const env = await createTestEnvironment({ server: () => startDevServer(10_000), database, bundle: previousBundle })
  const isBlocked = async (id: string) => (await env.purchases.listBlocked(10))?.includes(id)
  const waitOptions = { timeoutMs: 60_000, intervalMs: 200 }
  try {
    const purchase = await env.createPurchase()
    await env.stripe.pay(purchase.sessionId)
    await env.waitForStatus('Completed', purchase)
    expect(await isBlocked(purchase.id)).toBe(false)
    await env.replaceWorker(incompatibleBundle)
    await env.purchases.signalStripeEvent(purchase.startInput, { eventId: null, snapshots: [], refresh: null })
    await waitFor('the workflow to be blocked', () => isBlocked(purchase.id), waitOptions)
    await env.replaceWorker(previousBundle)
    await waitFor('the workflow to continue', async () => !(await isBlocked(purchase.id)), waitOptions)
  } finally {
    await env.close()
  }
}, 180_000)
