import { closeDb, createDb } from '@pay-to-view/db'
import { waitFor } from '@pay-to-view/devstack/wait'
import { clearExpiredEvents } from '@pay-to-view/ingestion'
import { useStack } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'

const stack = useStack({ workerEnvironment: { RECONCILE_EVERY: '1', LEDGER_DAYS: '31' } })

/** Backdates the receipt of a purchase's events. */
const ageEvents = (purchaseId: string, days: number) =>
  stack().query("update stripe_events set received_at = received_at - $2 * interval '1 day' where purchase_id = $1", [
    purchaseId,
    days,
  ])

const eventsOf = (purchaseId: string) =>
  stack().query(
    "select id, parsed = '{}' as empty, applied_at is not null as applied from stripe_events where purchase_id = $1",
    [purchaseId],
  )

const createCompleted = async () => {
  const { client, newUser, create, pay, waitForStatus } = stack()
  const user = await client(newUser())
  const { purchaseId, sessionId } = await create(user)
  await pay(sessionId)
  await waitForStatus(user, purchaseId, 'Completed')
  return { purchaseId, user }
}

test('the worker clears the contents of applied events that are older than LEDGER_DAYS, and of no other events', async () => {
  const [old, young, unapplied] = [await createCompleted(), await createCompleted(), await createCompleted()]
  await stack().query('update stripe_events set applied_at = null, dispatched_at = now() where purchase_id = $1', [
    unapplied.purchaseId,
  ])
  await ageEvents(unapplied.purchaseId, 33)
  await ageEvents(young.purchaseId, 30)
  await ageEvents(old.purchaseId, 32)
  await waitFor(
    'the old events to be emptied',
    async () => (await eventsOf(old.purchaseId)).every(({ empty }) => empty === true),
    {
      timeoutMs: 30_000,
    },
  )
  for (const { purchaseId } of [young, unapplied]) {
    for (const { empty } of await eventsOf(purchaseId)) expect(empty).toBe(false)
  }
  // The events remain in the purchase's event list, and the purchase can still be refunded.
  const admin = await stack().client('root', { admin: true })
  const { events } = await admin.admin.purchases.get.query({ id: old.purchaseId })
  expect(events).toContainEqual(expect.objectContaining({ type: 'checkout.session.completed', appliedAt: expect.anything() }))
  await admin.admin.purchases.refund.mutate({ id: old.purchaseId })
  await stack().waitForStatus(old.user, old.purchaseId, 'Refunded')
}, 120_000)

test('the oldest events are cleared first, up to a limit', async () => {
  const db = createDb(stack().stack.databaseUrl, { connections: 1 })
  try {
    await stack().query('delete from stripe_events')
    await stack().query(
      `insert into stripe_events (id, type, created_at, object_id, livemode, outcome, parsed, received_at, applied_at, source)
       select 'evt_retained' || n, 'charge.refunded', now(), 'ch_1', false, (array['matched', 'foreign', 'orphan'])[1 + n % 3], '{"needsRefresh":true}', now() - n * interval '1 hour', now(), 'webhook'
       from generate_series(1, 5) as n`,
    )
    const notEmptied = async () =>
      (await stack().query("select id from stripe_events where id like 'evt_retained%' and parsed <> '{}' order by id")).map(
        ({ id }) => id,
      )
    const before = new Date(Date.now() - 90 * 60_000)
    expect(await clearExpiredEvents(db, before, 3)).toBe(3)
    expect(await notEmptied()).toEqual(['evt_retained1', 'evt_retained2'])
    expect(await clearExpiredEvents(db, before, 20)).toBe(1)
    expect(await clearExpiredEvents(db, before, 20)).toBe(0)
    expect(await notEmptied()).toEqual(['evt_retained1'])
  } finally {
    await closeDb(db)
  }
})
