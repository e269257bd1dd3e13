import { fileURLToPath } from 'node:url'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { realServer } from './environment/temporal-servers.ts'
import { setStage } from './environment/test-environment.ts'
import { bundle, quiet } from './environment/workflow-bundle.ts'

let database: Database
let old: WorkflowBundleWithSourceMap
let next: WorkflowBundleWithSourceMap

beforeAll(async () => {
  quiet()
  old = await bundle()
  next = await bundle(fileURLToPath(new URL('./changed-workflow/patched.ts', import.meta.url)))
  database = await startDatabase()
}, 120_000)

afterAll(() => database?.stop())

const markers = (events: { markerRecordedEventAttributes?: { markerName?: string | null } | null }[] | null | undefined) =>
  (events ?? []).flatMap(({ markerRecordedEventAttributes }) => markerRecordedEventAttributes?.markerName ?? [])

test('a purchase that began under the old code is paid and refunded under the new, as one that begins under it', async () => {
  const stage = await setStage({ server: () => realServer(10_000), database, bundle: old })
  try {
    const begun = await stage.create()
    await stage.stripe.pay(begun.sessionId)
    await stage.when('Completed', begun)
    await stage.takeOver(next)
    const refund = { requestId: 'after', amount: null, reason: null, by: 'admin' }
    expect(await stage.purchases.refund(begun.starter, refund)).toMatchObject({ response: { success: true, amount: 499 } })
    await stage.when('Refunded', begun)
    await stage.whenClosed(begun)
    expect(markers((await begun.workflow.fetchHistory()).events)).not.toContain('core_patch')

    const young = await stage.create()
    await stage.stripe.pay(young.sessionId)
    await stage.when('Completed', young)
    expect(markers((await young.workflow.fetchHistory()).events)).toContain('core_patch')
  } finally {
    await stage.clear()
  }
}, 120_000)
