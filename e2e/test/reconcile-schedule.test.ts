import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createPayToViewClient } from '@pay-to-view/client'
import { type DataFolder, issueToken, openDataFolder, type Stack, startStack } from '@pay-to-view/devstack'
import { waitFor } from '@pay-to-view/devstack/wait'
import { ensureReconcileSchedule } from '@pay-to-view/temporal/schedule'
import { defaultTaskQueue, reconcileSchedule } from '@pay-to-view/workflow-client/messages'
import { Connection, Client as TemporalClient } from '@temporalio/client'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

let home: DataFolder
let stack: Stack
const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-'))

beforeAll(async () => {
  home = openDataFolder(folder)
  stack = await startStack(home, {
    ephemeral: true,
    web: false,
    workerEnvironment: { RECONCILE_EVERY: '1', RECONCILE_GRACE: '1' },
  })
}, 180_000)

afterAll(async () => {
  await stack?.stop()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

const helper = async (to: string, body: object) => {
  const answer = await fetch(`${stack.stripeApi}/_test/${to}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.ok).toBe(true)
}

test('a purchase whose every webhook is lost is completed by the Schedule, long before its checkout ends', async () => {
  await helper('faults', { on: 'webhook', effect: 'drop' })
  const client = createPayToViewClient({ url: stack.api, token: await issueToken(home, 'alice') })
  const entityId = 'vid_01m85eetz2e8qthwsqr5v0dh8g'
  const created = await client.purchases.create.mutate({
    payToViewProductId: 'prod_01m85eetz6e8qthwvnjjs5zz41',
    entityId,
    returnUrl: 'https://yoursite.com/purchase/complete',
  })
  if (!created.success) throw new Error('not created')
  await helper(`checkout/sessions/${created.clientSecret.split('_secret_')[0]}/pay`, { card: '4242424242424242' })
  await waitFor('access', async () => (await client.access.check.query({ entityId })).hasAccess, {
    timeoutMs: 50_000,
    intervalMs: 250,
  })
}, 60_000)

test('an event that cannot be looked up keeps no other waiting, and one of another account is set aside', async () => {
  const database = new Client({ connectionString: stack.databaseUrl })
  await database.connect()
  const keep = (id: string, payment: string, account: string | null) =>
    database.query(
      `insert into stripe_events (id, type, created_at, object_id, livemode, account, outcome, parsed, source, received_at)
       values ($1, 'charge.refunded', now(), 'ch_1', false, $3, 'received', $2, 'webhook', now() - interval '1 hour')`,
      [id, JSON.stringify({ purchaseId: null, paymentIntentId: payment, snapshots: [], needsRefresh: true }), account],
    )
  const outcome = async (id: string) =>
    (await database.query('select outcome from stripe_events where id = $1', [id])).rows[0]?.outcome
  try {
    await helper('faults', { on: 'api', path: '/v1/payment_intents/pi_unreachable', effect: 'error' })
    await keep('evt_unreachable', 'pi_unreachable', null)
    await keep('evt_elsewhere', 'pi_unreachable', 'acct_other')
    await keep('evt_unknown', 'pi_unknown', null)
    await waitFor('the others', async () => (await outcome('evt_unknown')) === 'foreign', { timeoutMs: 30_000, intervalMs: 250 })
    expect(await outcome('evt_elsewhere')).toBe('foreign')
    expect(await outcome('evt_unreachable')).toBe('received')
    expect((await fetch(`${stack.stripeApi}/_test/faults`, { method: 'DELETE' })).ok).toBe(true)
    await waitFor('it as well', async () => (await outcome('evt_unreachable')) === 'foreign', {
      timeoutMs: 50_000,
      intervalMs: 250,
    })
  } finally {
    await database.end()
  }
}, 120_000)

test('a run that no worker takes up keeps the next from starting for a quarter of an hour at most, and none of another queue does', async () => {
  const connection = await Connection.connect({ address: stack.temporalAddress })
  try {
    const client = new TemporalClient({ connection, namespace: stack.temporalNamespace })
    // A worker of another installation in the same namespace, or one that was started wrongly.
    await ensureReconcileSchedule(client, { taskQueue: 'elsewhere', everySeconds: 3_600 })
    const { action, policies } = await client.schedule.getHandle(reconcileSchedule).describe()
    expect([policies.overlap, action]).toEqual([
      'SKIP',
      expect.objectContaining({ taskQueue: defaultTaskQueue, workflowExecutionTimeout: 900_000 }),
    ])
  } finally {
    await connection.close()
  }
})
