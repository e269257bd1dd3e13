import { readFileSync } from 'node:fs'
import path from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack'
import { expect, test } from 'vitest'
import { cancelEntity, doctorRules, finishJob, matchTransactions, planJob, putEntities, rollUpSales } from '../src/index.ts'
import { createPatient } from './doctor-patient.ts'
import { film, newUser, now, useDatabase } from './test-purchase.ts'

// Tests of the doctor's findings in rows other than purchases.
const database = useDatabase()
const { sql, brokenRules, insertPurchase, insertPaidPurchase } = createPatient(database)

const runbook = readFileSync(path.join(repositoryRoot, 'docs/operations.md'), 'utf8')

test('every rule of the doctor has one row in the runbook', () => {
  const [, table = ''] = /^\| rule +\|.*?\n((?:\|.*\n)+)/m.exec(runbook) ?? []
  const named = table.split('\n').flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, rule]) => rule))
  expect(named.sort()).toEqual([...doctorRules].sort())
})

test('the doctor finds containments that are missing, superfluous, or at the wrong depth', async () => {
  await sql(
    "INSERT INTO entities (id, type, title) VALUES ('in', 'video', 'In'), ('mid', 'content', 'Mid'), ('out', 'channel', 'Out')",
  )
  await sql("INSERT INTO memberships (member_id, container_id) VALUES ('in', 'mid'), ('mid', 'out')")
  await sql("SELECT update_containments(ARRAY['in', 'mid'])")
  const rule = 'containments_follow_from_memberships'
  expect(await brokenRules('in', 'mid', 'out')).toEqual([])
  await sql("UPDATE containments SET removed_at = now() WHERE member_id = 'in' AND container_id = 'out'")
  expect(await brokenRules('in')).toEqual([rule])
  await sql("UPDATE containments SET removed_at = NULL, depth = 1 WHERE member_id = 'in' AND container_id = 'out'")
  expect(await brokenRules('in')).toEqual([rule])
  await sql("DELETE FROM memberships WHERE member_id = 'in'")
  expect(await brokenRules('in')).toEqual([rule, rule])
  await sql("SELECT update_containments(ARRAY['in'])")
  expect(await brokenRules('in', 'mid', 'out')).toEqual([])
})

test('the doctor finds sales entries and rollups that do not add up', async () => {
  const { id } = await insertPaidPurchase(newUser())
  expect(await brokenRules(id)).toEqual([])
  await sql(
    `INSERT INTO sales_entries (purchase_id, kind, subject_id, at, currency, entity_id, product_id, count, subtotal, discount, tax, amount, fee, net)
     SELECT id, 'purchase', 'pi_x', now(), 'usd', entity_id, product_id, 1, 499, 0, 0, 499, 0, 0 FROM purchases WHERE id = $1`,
    id,
  )
  expect(await brokenRules(id)).toEqual(['sales_follow_from_facts'])
  await rollUpSales(database.db)
  const rollups = ['entity day', 'entity month'].map((rollup) => `${rollup} ${film.id}`)
  expect(await brokenRules(...rollups)).toEqual([])
  await sql(`UPDATE sales_rollups SET gross = gross + 1 WHERE dimension = 'entity' AND grain = 'day' AND key = '${film.id}'`)
  expect(new Set(await brokenRules(...rollups))).toEqual(new Set(['sales_rollups_follow_from_entries 0']))
  await sql(
    `UPDATE sales_rollups SET paid_checkouts = paid_checkouts + 1 WHERE dimension = 'entity' AND grain = 'month' AND key = '${film.id}'`,
  )
  expect(new Set(await brokenRules(...rollups))).toEqual(
    new Set(['sales_rollups_follow_from_entries 0', 'checkout_rollups_follow_from_purchases 1']),
  )
  const [, statements = ''] = /^BEGIN ISOLATION LEVEL REPEATABLE READ;\n(.*?)COMMIT;$/ms.exec(runbook) ?? []
  await database.db.$transaction(
    async (tx) => {
      for (const statement of statements.split(';\n').filter(Boolean)) await tx.$executeRawUnsafe(statement)
    },
    { isolationLevel: 'RepeatableRead' },
  )
  expect(await brokenRules(...rollups)).toEqual([])
  await rollUpSales(database.db)
  expect(await brokenRules(...rollups)).toEqual([])
})

test('the doctor finds a balance transaction that is not recorded ten minutes after its purchase was paid', async () => {
  const { id, paymentIntentId } = await insertPaidPurchase(newUser())
  await sql(
    `INSERT INTO balance_transactions (id, type, reporting_category, source_id, payment_intent_id, currency, amount, fee, net, created_at, available_on)
     VALUES ('txn_late', 'charge', 'charge', 'ch_late', '${paymentIntentId()}', 'usd', 499, 44, 455, date_trunc('second', now()) - interval '1 hour', now())`,
  )
  expect(await brokenRules(id)).toEqual([])
  await sql("UPDATE purchases SET updated_at = now() - interval '1 hour' WHERE id = $1", id)
  expect(await brokenRules(id)).toEqual(['balance_transactions_are_recorded'])
  await matchTransactions(database.db, new Date(0))
  expect(await brokenRules(id)).toEqual([])
})

test('the doctor finds a payout that differs from the sum of its balance transactions', async () => {
  await sql(
    `INSERT INTO payouts (id, amount, currency, status, automatic, created_at, arrival_date, read_at) VALUES ('po_1', 455, 'usd', 'paid', true, now(), now(), now())`,
  )
  await sql(
    `INSERT INTO balance_transactions (id, type, reporting_category, source_id, currency, amount, fee, net, created_at, available_on, payout_id)
     VALUES ('txn_1', 'charge', 'charge', 'ch_1', 'usd', 499, 44, 455, now(), now(), 'po_1'), ('txn_2', 'payout', 'payout', 'po_1', 'usd', -455, 0, -455, now(), now(), 'po_1')`,
  )
  expect(await brokenRules('po_1')).toEqual([])
  await sql("UPDATE balance_transactions SET net = 454 WHERE id = 'txn_1'")
  expect(await brokenRules('po_1')).toEqual(['payouts_add_up'])
})

test('the doctor finds messages that are not dispatched, and endpoints whose messages are not attempted', async () => {
  const hourAgo = "now() - interval '61 minutes'"
  await sql(`INSERT INTO webhook_endpoints (id, url, events, secret, created_by) VALUES ($1, '', '{}', '', '')`, 'whe_doctor')
  for (const id of ['msg_a', 'msg_b'])
    await sql(`INSERT INTO outbox_messages (id, type, data, created_at) VALUES ($1, 'test', '{}', ${hourAgo})`, id)
  await sql(`UPDATE outbox_messages SET dispatched_at = now() WHERE id = $1`, 'msg_b')
  await sql(
    `INSERT INTO deliveries (endpoint_id, message_id, version, created_at) VALUES ($1, 'msg_b', 1, ${hourAgo})`,
    'whe_doctor',
  )
  expect(await brokenRules('msg_a', 'msg_b', 'whe_doctor')).toEqual([
    ...['webhook_messages_are_dispatched 0', 'webhook_messages_are_tried 2'],
  ])
  await sql(
    `INSERT INTO delivery_attempts (endpoint_id, message_id, at, duration_ms) VALUES ($1, 'msg_b', now(), 1)`,
    'whe_doctor',
  )
  expect(await brokenRules('whe_doctor')).toEqual([])
})

const cancelNewEvent = async (id: string) => {
  const event = { id, type: 'video' as const, title: id }
  await putEntities(database.db, [event], 'root')
  const [open, paid] = [await insertPurchase(newUser(), event), await insertPaidPurchase(newUser(), event)]
  const job = await cancelEntity(database.db, { entityId: id, reason: 'storm', actor: 'root' })
  if (!job) throw new Error('The event does not exist')
  return { job, open, paid }
}

test('the doctor finds an entity job that does not finish, unless it is paused or waits for a delayed payment', async () => {
  const { db } = database
  const { job, open } = await cancelNewEvent('endless-event')
  const broken = () => brokenRules(job.id)
  expect(await broken()).toEqual([])
  await sql("UPDATE entity_jobs SET created_at = now() - interval '2 hours' WHERE id = $1", job.id)
  expect(await broken()).toEqual(['entity_jobs_end'])
  await planJob(db, job)
  // Failed attempts do not count as progress.
  await sql('UPDATE entity_job_items SET attempts = 9, updated_at = now() WHERE job_id = $1', job.id)
  expect(await broken()).toEqual(['entity_jobs_end'])
  await sql('UPDATE entity_jobs SET paused_at = now() WHERE id = $1', job.id)
  expect(await broken()).toEqual([])
  await sql('UPDATE entity_jobs SET paused_at = NULL WHERE id = $1', job.id)
  await sql("UPDATE entity_job_items SET outcome = 'refunded' WHERE job_id = $1 AND subject_id <> $2", job.id, open.id)
  expect(await broken()).toEqual([])
  await sql("UPDATE entity_job_items SET updated_at = now() - interval '2 hours' WHERE job_id = $1", job.id)
  expect(await broken()).toEqual(['entity_jobs_end'])
  await open.apply(open.session(), open.payment({ status: 'processing' }))
  await sql("UPDATE entity_job_items SET outcome = 'waiting' WHERE subject_id = $1", open.id)
  expect(await broken()).toEqual([])
  await open.apply(open.payment({ status: 'failed' }))
  expect(await broken()).toEqual(['entity_jobs_end'])
  await sql("UPDATE entity_job_items SET outcome = 'closed' WHERE subject_id = $1", open.id)
  await finishJob(db, job)
  expect(await broken()).toEqual([])
})

test('the doctor finds a payment of a canceled live event that is neither refunded nor reported', async () => {
  const { db } = database
  const { job, paid, open } = await cancelNewEvent('kept-event')
  const broken = () => brokenRules(paid.id)
  await planJob(db, job)
  expect(await broken()).toEqual([])
  await sql("UPDATE entity_job_items SET outcome = 'refunded' WHERE job_id = $1", job.id)
  await finishJob(db, job)
  expect(await broken()).toEqual(['canceled_events_are_refunded'])
  const setOutcome = (outcome: string, reason: string | null) =>
    sql(
      'UPDATE entity_job_items SET outcome = $2::entity_job_outcome, reason = $3 WHERE subject_id = $1',
      paid.id,
      outcome,
      reason,
    )
  await setOutcome('failed', 'refund_refused')
  expect(await broken()).toEqual([])
  await setOutcome('skipped', 'disputed')
  expect(await broken()).toEqual([])
  await setOutcome('refunded', null)
  expect(await broken()).toEqual(['canceled_events_are_refunded'])
  await paid.insertAlert('refund_failed', {})
  expect(await broken()).toEqual([])
  // Applying a late payment requests the refund, so the rule is not violated.
  await open.pay()
  expect(await brokenRules(open.id)).toEqual([])
  await open.apply(open.dispute('needs_response', now + 1))
  await open.apply(open.dispute('won', now + 2))
  await sql('UPDATE refund_requests SET responded_at = now() WHERE purchase_id = $1', open.id)
  expect(await brokenRules(open.id)).toEqual([])
})
