import { waitFor } from '@pay-to-view/devstack/wait'
import { ensureReconcileSchedule } from '@pay-to-view/temporal/schedule'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { defaultTaskQueue, reconcileSchedule } from '@pay-to-view/workflow-client/messages'
import { Connection, Client as TemporalClient } from '@temporalio/client'
import { expect, test } from 'vitest'

const stack = useStack({ workerEnvironment: { RECONCILE_EVERY: '1', RECONCILE_GRACE: '1' } })

test('without any webhook, the reconciler completes a paid purchase long before its checkout expires', async () => {
  const { client, newUser, create, pay, emulator } = stack()
  await emulator('faults', { on: 'webhook', effect: 'drop' })
  const user = await client(newUser())
  const { sessionId } = await create(user)
  expect(await pay(sessionId)).toBe(200)
  await waitFor('access', async () => (await user.access.check.query({ entityId: seedIds.film })).hasAccess, {
    timeoutMs: 50_000,
    intervalMs: 250,
  })
}, 60_000)

test('an event whose payment cannot be retrieved does not delay other events; an event from another account is foreign', async () => {
  const { query, emulator } = stack()
  const insertEvent = (id: string, payment: string, account: string | null) =>
    query(
      `insert into stripe_events (id, type, created_at, object_id, livemode, account, outcome, parsed, source, received_at)
       values ($1, 'charge.refunded', now(), 'ch_1', false, $3, 'received', $2, 'webhook', now() - interval '1 hour')`,
      [id, JSON.stringify({ purchaseId: null, paymentIntentId: payment, snapshots: [], needsRefresh: true }), account],
    )
  const outcomeOf = async (id: string) => (await query('select outcome from stripe_events where id = $1', [id]))[0]?.outcome
  const waitUntilForeign = (id: string, timeoutMs: number) =>
    waitFor(`${id} to be foreign`, async () => (await outcomeOf(id)) === 'foreign', { timeoutMs, intervalMs: 250 })

  await emulator('faults', { on: 'api', path: '/v1/payment_intents/pi_unreachable', effect: 'error' })
  await insertEvent('evt_unreachable', 'pi_unreachable', null)
  await insertEvent('evt_other_account', 'pi_unreachable', 'acct_other')
  await insertEvent('evt_unknown', 'pi_unknown', null)
  await waitUntilForeign('evt_unknown', 30_000)
  expect(await outcomeOf('evt_other_account')).toBe('foreign')
  expect(await outcomeOf('evt_unreachable')).toBe('received')
  expect(await emulator('faults', {}, 'DELETE')).toBe(200)
  await waitUntilForeign('evt_unreachable', 50_000)
}, 120_000)

test('a run without a worker delays the next run by at most 15 minutes, and a worker of another task queue does not change the schedule', async () => {
  const { temporalAddress, temporalNamespace } = stack().stack
  const connection = await Connection.connect({ address: temporalAddress })
  try {
    const client = new TemporalClient({ connection, namespace: temporalNamespace })
    // Simulates a worker of another installation in the same namespace, or a misconfigured worker.
    await ensureReconcileSchedule(client, { taskQueue: 'other', everySeconds: 3_600 })
    const { action, policies } = await client.schedule.getHandle(reconcileSchedule).describe()
    expect([policies.overlap, action]).toEqual([
      'SKIP',
      expect.objectContaining({ taskQueue: defaultTaskQueue, workflowExecutionTimeout: 900_000 }),
    ])
  } finally {
    await connection.close()
  }
})
