import { createReads, newPurchaseId, stuckRefunds } from '@pay-to-view/db'
import { seedIds } from '@pay-to-view/devstack'
import type { StripeGateway } from '@pay-to-view/stripe'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createReconciler, type EventIngestor, ReconcileIncompleteError } from '../src/index.ts'

/** The calls that fail in a test. */
const failing = new Set<'start' | 'signal' | 'dispatch' | 'listEvents' | 'listBlocked'>()

/** The purchases whose workflow tasks keep failing; null if the server does not provide this list. */
let blocked: string[] | null = []

let database: Database
beforeAll(async () => {
  database = await startDatabase()
})
afterAll(() => database?.stop())

const sql = (text: string, ...values: unknown[]) => database.db.$queryRawUnsafe<Record<string, unknown>[]>(text, ...values)

beforeEach(async () => {
  failing.clear()
  blocked = []
  for (const table of ['alerts', 'cursors', 'grants', 'refund_requests', 'changes', 'purchases', 'stripe_events'])
    await sql(`delete from ${table}`)
})

const callOf = (name: Parameters<typeof failing.add>[0]) => async () => {
  if (failing.has(name)) throw new Error(`${name} failed for sk_${'test_4eC39HqLyjWD'}`)
}

const unexpected = (): never => {
  throw new Error('Unexpected call')
}
const start = callOf('start')
const listBlocked = callOf('listBlocked')
const purchases: PurchaseClient = new Proxy(Object.create(null), {
  get: (_, name) =>
    ({
      start: () => start().then(() => true),
      signalStripeEvent: callOf('signal'),
      listBlocked: () => listBlocked().then(() => blocked),
    })[String(name)] ?? unexpected,
})
const dispatch = callOf('dispatch')
const ingestor: EventIngestor = { ingest: unexpected, dispatch: () => dispatch().then(() => 'dispatched') }
const listEvents = callOf('listEvents')
const stripe: StripeGateway = new Proxy(Object.create(null), {
  get: (_, name) =>
    async function* () {
      if (name === 'listEvents') await listEvents()
      yield []
    },
})

const reconcile = () =>
  createReconciler({ db: database.db, stripe, purchases, ingestor, graceSeconds: 60, retentionDays: 90, playRetentionDays: 400 })
    .reconcileFromCursor(Date.now())
    .then(
      () => null,
      (error: unknown) => error,
    )

const insertEvent = (id: string, ageDays: number, { applied = true, outcome = 'matched' } = {}) =>
  sql(
    `insert into stripe_events (id, type, created_at, object_id, livemode, outcome, parsed, source, received_at, applied_at)
     values ($1, 'charge.refunded', now(), 'ch_1', false, $4,
       '{"purchaseId":null,"paymentIntentId":"pi_1","snapshots":[],"needsRefresh":true}', 'webhook',
       now() - $2 * interval '1 day', case when $3 then now() end)`,
    ...[id, ageDays, applied, outcome],
  )

const eventsWithContent = async () =>
  (await sql("select id from stripe_events where parsed <> '{}' order by id")).map(({ id }) => id)

const openAlerts = () => sql("select kind, detail ->> 'step' as step from alerts where resolved_at is null order by 2")

/** Inserts a purchase that alice created an hour ago. A `Pending` purchase has no workflow yet; a `Completed` purchase was just paid. */
const insertPurchase = async (status: 'Pending' | 'Completed', paymentIntentId: string | null = null): Promise<string> => {
  const id = newPurchaseId()
  await sql(
    `insert into purchases (id, user_id, entity_id, product_id, amount, currency, checkout_request, checkout_deadline, status, open,
       external_transaction_id, completed_at, currency_paid, created_at)
     values ($1, 'alice', $2, $3, 499, 'usd', '{}', now(), $4::purchase_status, $5, $6::text,
       case when $6::text is not null then now() end, 'usd', now() - interval '1 hour')`,
    ...[id, seedIds.film, seedIds.thirtyDayProduct, status, status === 'Pending', paymentIntentId],
  )
  return id
}

/** A paid purchase that was covered by another purchase until a minute ago. */
const insertUncoveredPayment = async () => {
  const uncovered = await insertPurchase('Completed', 'pi_uncovered')
  await sql(
    `insert into refund_requests (purchase_id, request_id, payment_intent_id, amount, requested_by, error, responded_at)
     values ($1, 'duplicate-pi_uncovered', 'pi_uncovered', 499, 'pay-to-view', 'refund_failed', now())`,
    uncovered,
  )
  const covering = await insertPurchase('Completed', 'pi_covering')
  await sql(
    `insert into grants (id, source, purchase_id, user_id, entity_id, starts_at, access_duration_days)
     values ('grant_1', 'purchase', $1, 'alice', $2, now() - interval '86460 seconds', 1)`,
    ...[covering, seedIds.film],
  )
}

const insertStuckRefund = async () =>
  sql(
    `insert into refund_requests (purchase_id, request_id, requested_by, created_at)
     values ($1, 'one', 'olga', now() - interval '1 hour')`,
    await insertPurchase('Completed', 'pi_refunded'),
  )

test('a scheduled run deletes plays that are older than their retention', async () => {
  const insert = (id: string, days: number) =>
    sql(
      `insert into playback_sessions (id, user_id, entity_id, started_at, last_seen_at) select $1, 'alice', 'film', at, at
       from (select now() - $2::int * interval '1 day' as at) as times`,
      id,
      days,
    )
  await insert('play_old', 401)
  await insert('play_young', 399)
  await reconcile()
  expect(await sql('select id from playback_sessions')).toEqual([{ id: 'play_young' }])
})

test('an event that cannot be dispatched does not prevent clearing a 100-day-old event', async () => {
  failing.add('dispatch')
  await insertEvent('evt_old', 100)
  await insertEvent('evt_failing', 1, { applied: false })
  expect(await reconcile()).toBeInstanceOf(ReconcileIncompleteError)
  expect(await eventsWithContent()).toEqual(['evt_failing'])
})

test('an event that is applied after newer events were cleared is cleared too', async () => {
  await insertEvent('evt_late', 101, { applied: false })
  await insertEvent('evt_set_aside', 101, { applied: false, outcome: 'set_aside' })
  await insertEvent('evt_old', 100)
  await insertEvent('evt_foreign', 100, { applied: false, outcome: 'foreign' })
  await insertEvent('evt_young', 89)
  expect(await reconcile()).toBeNull()
  expect(await eventsWithContent()).toEqual(['evt_late', 'evt_young'])
  await sql("update stripe_events set applied_at = now() where id = 'evt_late'")
  expect(await reconcile()).toBeNull()
  expect(await eventsWithContent()).toEqual(['evt_young'])
})

const keepContent = "alter table stripe_events add constraint keep_content check (id <> 'evt_old' or parsed <> '{}')"
const allowClearing = 'alter table stripe_events drop constraint keep_content'

interface FailingStep {
  step: string
  arrange?: () => Promise<unknown>
  fail: () => Promise<unknown>
  repair?: () => Promise<unknown>
}
const fails = (name: Parameters<typeof failing.add>[0]) => async () => failing.add(name)

test.each<FailingStep>([
  { step: 'retention', fail: () => sql(keepContent), repair: () => sql(allowClearing) },
  { step: 'unapplied events', fail: fails('dispatch') },
  { step: 'stopped purchases', arrange: () => insertPurchase('Pending'), fail: fails('start') },
  { step: 'stopped refunds', arrange: insertStuckRefund, fail: fails('start') },
  { step: 'uncovered payments', arrange: insertUncoveredPayment, fail: fails('signal') },
  { step: 'blocked workflows', fail: fails('listBlocked') },
  { step: 'missing events', fail: fails('listEvents') },
])(
  'when the step $step fails, the other steps run, and one alert is open until it succeeds',
  async ({ step, arrange, fail, repair }) => {
    await insertEvent('evt_old', 100)
    await insertEvent('evt_unapplied', 1, { applied: false })
    await arrange?.()
    await fail()
    const error = await reconcile()
    expect(error).toBeInstanceOf(ReconcileIncompleteError)
    expect(await openAlerts()).toEqual([{ kind: 'reconciler_failing', step }])
    const alert = await database.db.alert.findFirstOrThrow()
    expect(alert.detail).toMatchObject({ step, failures: 1, errors: [expect.stringMatching(/^[\w ]+: .+/)] })
    expect(JSON.stringify(alert.detail)).not.toContain('4eC39')
    expect(await eventsWithContent()).toEqual(step === 'retention' ? ['evt_old', 'evt_unapplied'] : ['evt_unapplied'])
    const cursors = (await sql("select name from cursors where name = 'stripe-events'")).map(({ name }) => name)
    expect(cursors).toEqual(step === 'missing events' ? [] : ['stripe-events'])

    await reconcile()
    expect(await database.db.alert.findMany()).toEqual([{ ...alert }])
    failing.clear()
    await repair?.()
    expect(await reconcile()).toBeNull()
    expect(await database.db.alert.findMany()).toMatchObject([{ id: alert.id, resolvedBy: 'pay-to-view' }])
  },
)

test('the alert of a step is reopened when the step fails again, even after an operator has resolved it', async () => {
  failing.add('listEvents')
  await reconcile()
  await sql("update alerts set resolved_at = now(), resolved_by = 'olga', at = now() - interval '1 day'")
  await reconcile()
  const [alert] = await database.db.alert.findMany()
  expect(alert).toMatchObject({ resolvedAt: null, resolvedBy: null })
  expect(Date.now() - (alert?.at.getTime() ?? 0)).toBeLessThan(60_000)
  expect(await database.db.alert.count()).toBe(1)
})

test('a workflow that repeatedly ends without the result of a refund is restarted at growing intervals', async () => {
  await insertStuckRefund()
  const start = (...ages: [requested: string, started: string | null]) =>
    sql(`update refund_requests set created_at = now() - $1::interval from purchases where id = purchase_id`, ages[0]).then(() =>
      sql(`update purchases set workflow_started_at = now() - $1::interval`, ages[1]),
    )
  const due = async () => (await stuckRefunds(database.db, new Date(), 10)).map(({ requestId }) => requestId)
  for (const [requested, started, isDue] of [
    ['1 hour', null, true],
    ['1 hour', '2 hours', true],
    ['1 hour', '5 minutes', false],
    ['1 hour', '40 minutes', true],
    ['10 days', '4 days', false],
    ['10 days', '6 days', true],
  ] as const) {
    await start(requested, started)
    expect({ requested, started, due: await due() }).toEqual({ requested, started, due: isDue ? ['one'] : [] })
  }
  await sql('update refund_requests set responded_at = now()')
  expect(await due()).toEqual([])
})

test('when alerts cannot be written, all steps run and the run fails', async () => {
  await insertEvent('evt_old', 100)
  failing.add('listEvents')
  await sql("alter table alerts add constraint none check (kind <> 'reconciler_failing')")
  expect(String(await reconcile())).toMatch(/missing events: listEvents failed[\s\S]*alert of missing events: /)
  expect(await eventsWithContent()).toEqual([])
  await sql('alter table alerts drop constraint none')
})

test('a purchase counts as stuck while its workflow cannot make progress', async () => {
  const id = await insertPurchase('Completed', 'pi_blocked')
  const counted = async () => (await createReads(database.db).stuckCounts()).blockedWorkflows
  blocked = [id, newPurchaseId()]
  expect(await reconcile()).toBeNull()
  expect(await reconcile()).toBeNull()
  expect(await counted()).toBe(1)
  expect(await database.db.alert.findMany()).toMatchObject([{ kind: 'workflow_blocked', purchaseId: id, resolvedAt: null }])
  blocked = null
  await reconcile()
  expect(await counted()).toBe(1)
  blocked = []
  await reconcile()
  expect(await counted()).toBe(0)
  blocked = [id]
  await reconcile()
  expect(await counted()).toBe(1)
  expect(await database.db.alert.count()).toBe(1)
})
