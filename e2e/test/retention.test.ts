import { createDb } from '@pay-to-view/db'
import { waitFor } from '@pay-to-view/devstack/wait'
import { clearExpiredEvents } from '@pay-to-view/ingestion'
import { useStack } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'

const stack = useStack({ workerEnvironment: { RECONCILE_EVERY: '1', LEDGER_DAYS: '31' } })

/** Events of a purchase, as if they had come long ago. */
const age = (purchaseId: string, days: number) =>
  stack().query("update stripe_events set received_at = received_at - $2 * interval '1 day' where purchase_id = $1", [
    purchaseId,
    days,
  ])

const readings = (purchaseId: string) =>
  stack().query(
    "select id, parsed = '{}' as empty, applied_at is not null as applied from stripe_events where purchase_id = $1",
    [purchaseId],
  )

const bought = async () => {
  const { client, newUser, create, pay, waitForStatus } = stack()
  const viewer = await client(newUser())
  const { purchaseId, sessionId } = await create(viewer)
  await pay(sessionId)
  await waitForStatus(viewer, purchaseId, 'Completed')
  return { purchaseId, viewer }
}

test('the worker empties events that are older than LEDGER_DAYS and applied, and no others', async () => {
  const [old, young, unheard] = [await bought(), await bought(), await bought()]
  await stack().query('update stripe_events set applied_at = null, dispatched_at = now() where purchase_id = $1', [
    unheard.purchaseId,
  ])
  await age(unheard.purchaseId, 33)
  await age(young.purchaseId, 30)
  await age(old.purchaseId, 32)
  await waitFor('the old one to be emptied', async () => (await readings(old.purchaseId)).every(({ empty }) => empty === true), {
    timeoutMs: 30_000,
  })
  for (const { purchaseId } of [young, unheard]) {
    for (const { empty } of await readings(purchaseId)) expect(empty).toBe(false)
  }
  // What it says of the purchase stays, and the purchase goes on.
  const admin = await stack().client('root', { admin: true })
  const { events } = await admin.admin.purchases.get.query({ id: old.purchaseId })
  expect(events).toContainEqual(expect.objectContaining({ type: 'checkout.session.completed', appliedAt: expect.anything() }))
  await admin.admin.purchases.refund.mutate({ id: old.purchaseId })
  await stack().waitForStatus(old.viewer, old.purchaseId, 'Refunded')
}, 120_000)

test('the oldest are emptied first, so many at once', async () => {
  const db = createDb(stack().stack.databaseUrl, { connections: 1 })
  try {
    await stack().query('delete from stripe_events')
    await stack().query(
      `insert into stripe_events (id, type, created_at, object_id, livemode, outcome, parsed, received_at, applied_at, source)
       select 'evt_retained' || n, 'charge.refunded', now(), 'ch_1', false, (array['matched', 'foreign', 'orphan'])[1 + n % 3], '{"needsRefresh":true}', now() - n * interval '1 hour', now(), 'webhook'
       from generate_series(1, 5) as n`,
    )
    const left = async () =>
      (await stack().query("select id from stripe_events where id like 'evt_retained%' and parsed <> '{}' order by id")).map(
        ({ id }) => id,
      )
    const before = new Date(Date.now() - 90 * 60_000)
    expect(await clearExpiredEvents(db, before, 1)).toBe(3)
    expect(await left()).toEqual(['evt_retained1', 'evt_retained2'])
    expect(await clearExpiredEvents(db, before, 20)).toBe(1)
    expect(await clearExpiredEvents(db, before, 20)).toBe(0)
    expect(await left()).toEqual(['evt_retained1'])
  } finally {
    await db.$disconnect()
  }
})
