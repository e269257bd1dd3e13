import { expect, test } from 'vitest'
import { ruleNames } from '../src/doctor/check-tables.ts'
import { checkPurchases, checkTables, type Finding, matchTransactions, rollUpSales } from '../src/index.ts'
import {
  channel,
  channelFilm,
  film,
  insertTestPurchase,
  type newPurchase,
  newUser,
  now,
  secondsPerDay,
  useDatabase,
} from './test-purchase.ts'

const database = useDatabase()

const sql = (text: string, ...values: unknown[]) => database.db.$executeRawUnsafe(text, ...values)

/** The rules that the given ids break, in the order of the rules; if there are several ids, each rule is followed by the index of its id. */
const brokenRules = async (...ids: string[]): Promise<string[]> => {
  const findings: Finding[] = []
  for await (const check of checkTables(database.db, new Date())) findings.push(...check.findings)
  for await (const check of checkPurchases(database.db, new Date())) findings.push(...check.findings)
  return findings
    .filter(({ id }) => ids.includes(id))
    .map(({ rule, id }) => (ids.length === 1 ? rule : `${rule} ${ids.indexOf(id)}`))
}

const insertPurchase = async (...purchase: Parameters<typeof newPurchase>) => {
  const inserted = await insertTestPurchase(database.db, ...purchase)
  const insertAlert = (kind: string, detail: object) =>
    sql(
      `INSERT INTO alerts (kind, purchase_id, dedupe_key, detail) VALUES ($1, $2, $1 || $2, $3::jsonb)`,
      kind,
      inserted.id,
      JSON.stringify(detail),
    )
  return { ...inserted, insertAlert }
}

const insertPaidPurchase = async (...purchase: Parameters<typeof newPurchase>) => {
  const inserted = await insertPurchase(...purchase)
  await inserted.pay()
  return inserted
}

/** Statements that break a valid purchase; `$1` is its id. */
const breaks: [rule: string, ...statements: string[]][] = [
  ['row_follows_from_facts', 'UPDATE purchases SET amount_paid = 500 WHERE id = $1'],
  ['no_access_without_payment', "UPDATE purchases SET facts = '{}' WHERE id = $1"],
  ['facts_are_readable', `UPDATE purchases SET facts = '{"voucher:v_1": {"kind": "voucher", "id": "v_1"}}' WHERE id = $1`],
  ['no_payment_without_access', 'UPDATE grants SET revoked_at = now() WHERE purchase_id = $1'],
  ['grant_start_follows_from_facts', "UPDATE grants SET starts_at = now() + interval '1 year' WHERE purchase_id = $1"],
  ['grants_match_their_purchases', 'UPDATE grants SET access_duration_days = 5 WHERE purchase_id = $1'],
  [
    'refunds_follow_from_facts',
    "INSERT INTO refunds (id, purchase_id, payment_intent_id, amount, status, created_at) VALUES ('re_x' || $1, $1, 'pi_x', 1, 'failed', now())",
  ],
  ['status_changes_are_audited', 'DELETE FROM changes WHERE purchase_id = $1'],
  [
    'refund_requests_are_executed',
    "INSERT INTO refund_requests (purchase_id, request_id, requested_by, created_at) VALUES ($1, 'x', 'root', now() - interval '1 hour')",
  ],
  ['checkouts_end', "UPDATE purchases SET status = 'Pending', checkout_deadline = now() - interval '1 hour' WHERE id = $1"],
  [
    'refunded_within_paid',
    "INSERT INTO refunds (id, purchase_id, payment_intent_id, amount, status, created_at) SELECT 're_y' || id, id, external_transaction_id, 500, 'succeeded', now() FROM purchases WHERE id = $1",
  ],
]

test.each(breaks)('the doctor finds: %s', async (rule, ...statements) => {
  const { id } = await insertPaidPurchase(newUser())
  expect(await brokenRules(id)).toEqual([])
  for (const statement of statements) await sql(statement, id)
  expect(await brokenRules(id)).toContain(rule)
})

test('the doctor finds containments that are missing, too many, or at another depth than the memberships say', async () => {
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

test('the doctor finds an event that was received and not applied', async () => {
  await sql(
    `INSERT INTO stripe_events (id, type, created_at, object_id, livemode, outcome, parsed, source, received_at)
     VALUES ('evt_late', 'charge.refunded', now(), 'ch_1', false, 'received', '{}', 'webhook', now() - interval '1 hour')`,
  )
  expect(await brokenRules('evt_late')).toEqual(['events_are_applied'])
})

test('a video that is paid while the user has access to its channel is found, unless that payment is being refunded', async () => {
  const user = newUser()
  const [video, whole] = [await insertPurchase(user, channelFilm), await insertPurchase(user, channel, 365)]
  await whole.pay()
  await video.pay()
  expect(await brokenRules(video.id, whole.id)).toEqual([])
  // A partial refund by an admin, and alerts about other things, do not refund the second payment.
  await sql("UPDATE refund_requests SET requested_by = 'root', amount = 1, responded_at = now() WHERE purchase_id = $1", video.id)
  await video.insertAlert('disputed', { paymentIntentId: video.paymentIntentId() })
  await whole.insertAlert('disputed', { paymentIntentId: whole.paymentIntentId() })
  expect(await brokenRules(video.id, whole.id)).toEqual(['no_double_payment 0', 'no_payment_without_access 0'])
})

test('a channel bought after one of its videos is not a double payment, nor is a purchase after the expiry of another', async () => {
  const user = newUser()
  const video = await insertPaidPurchase(user, channelFilm)
  const whole = await insertPaidPurchase(user, channel)
  // The dispute of the channel is won after another of its videos was bought.
  await whole.apply(whole.dispute('needs_response', now + 1))
  const another = await insertPaidPurchase(user, { ...channelFilm, id: 'vid_01m85eetz5e8qthwt0wycke2g4' })
  await whole.apply(whole.dispute('won', now + 2))
  expect(await brokenRules(video.id, whole.id, another.id)).toEqual([])

  const again = newUser()
  const expired = await insertPurchase(again, film, 1)
  await expired.pay({ observedAt: now - 2 * secondsPerDay })
  const active = await insertPaidPurchase(again, film, 1)
  expect(await brokenRules(expired.id, active.id)).toEqual([])
})

test('a payment that is returned by a won dispute while a later purchase covers it is found, unless there is an alert', async () => {
  const user = newUser()
  const first = await insertPurchase(user)
  await first.reject()
  const second = await insertPurchase(user, film, 365)
  await first.pay()
  await first.apply(first.dispute('needs_response', now + 1))
  await second.pay()
  await first.apply(first.dispute('won', now + 2))
  expect(await brokenRules(first.id, second.id)).toEqual([])
  await sql("DELETE FROM alerts WHERE purchase_id = $1 AND kind = 'restored_but_covered'", first.id)
  expect(await brokenRules(first.id, second.id)).toEqual(['no_double_payment 0'])
})

test('a payment whose grant was ended by hand is found, even if another purchase covers it and there is an alert', async () => {
  const user = newUser()
  const video = await insertPaidPurchase(user, channelFilm)
  const whole = await insertPaidPurchase(user, channel)
  await video.insertAlert('disputed', { paymentIntentId: video.paymentIntentId() })
  await sql('UPDATE grants SET revoked_at = now() WHERE purchase_id = $1', video.id)
  expect(await brokenRules(video.id, whole.id)).toEqual(['no_payment_without_access 0'])
})

test('neither of two payments of one purchase may be refunded by more than its amount', async () => {
  const one = await insertPaidPurchase(newUser())
  await one.pay({ nth: 2 })
  await sql('UPDATE refund_requests SET responded_at = now() WHERE purchase_id = $1', one.id)
  await one.apply(one.refund('second', { nth: 2 }))
  expect(await brokenRules(one.id)).toEqual([])
  await sql('UPDATE refunds SET amount = 600 WHERE purchase_id = $1', one.id)
  expect(await brokenRules(one.id)).toContain('refunded_within_paid')
})

test('a second payment of a purchase that is not refunded is found, unless its refund is pending or there is an alert', async () => {
  const one = await insertPaidPurchase(newUser())
  await one.pay({ nth: 2 })
  expect(await brokenRules(one.id)).toEqual([])
  await sql('UPDATE refund_requests SET responded_at = now() WHERE purchase_id = $1', one.id)
  await one.apply(one.refund('second', { nth: 2, status: 'failed' }))
  const resolve = (kind: string) =>
    sql('UPDATE alerts SET resolved_at = now() WHERE purchase_id = $1 AND kind = $2', one.id, kind)
  await resolve('duplicate_refunded')
  // An operator who resolves the alert of the failed refund has returned the money in another way.
  await resolve('refund_failed')
  expect(await brokenRules(one.id)).toEqual([])
  await sql('DELETE FROM alerts WHERE purchase_id = $1', one.id)
  await one.insertAlert('disputed', { paymentIntentId: one.paymentIntentId(1) })
  expect(await brokenRules(one.id)).toEqual(['no_unused_payment'])
  await one.insertAlert('refund_refused', { requestId: `duplicate-${one.paymentIntentId(2)}` })
  expect(await brokenRules(one.id)).toEqual([])
})

test('a payment that does not equal the quote is found if there is no alert', async () => {
  const one = await insertPurchase(newUser())
  await one.pay({ amount: 77 })
  expect(await brokenRules(one.id)).toEqual([])
  await sql('UPDATE alerts SET resolved_at = now() WHERE purchase_id = $1', one.id)
  expect(await brokenRules(one.id)).toEqual([])
  await sql('DELETE FROM alerts WHERE purchase_id = $1', one.id)
  expect(await brokenRules(one.id)).toEqual(['no_unused_payment'])
})

test('a payment that is still processing long after every deadline is found, unless an alert is open', async () => {
  const one = await insertPurchase(newUser())
  await one.pay({ status: 'processing' })
  const expireCheckout = (days: number) =>
    sql("UPDATE purchases SET checkout_deadline = now() - $2 * interval '1 day' WHERE id = $1", one.id, days)
  await expireCheckout(20)
  expect(await brokenRules(one.id)).toEqual([])
  await expireCheckout(31)
  expect(await brokenRules(one.id)).toEqual(['payments_settle'])
  await one.insertAlert('anything', {})
  expect(await brokenRules(one.id)).toEqual([])
})

/** The index prevents it, so it is dropped first. */
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
})

test('the doctor finds a balance transaction that is not recorded, ten minutes after its purchase was paid', async () => {
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

test('the doctor finds a payout that is not the sum of its balance transactions', async () => {
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

test('the doctor finds several open purchases, and the missing index', async () => {
  const user = newUser()
  const rule = 'one_open_purchase'
  const first = await insertPurchase(user)
  await first.reject()
  await insertPaidPurchase(user)
  expect(await brokenRules(user, rule)).toEqual([])
  await sql(`DROP INDEX ${rule}`)
  await sql('UPDATE purchases SET open = true WHERE user_id = $1', user)
  expect(await brokenRules(user, rule)).toEqual([`${rule} 0`, 'constraints_exist 1'])
})

test('the doctor finds messages that are not dispatched, and endpoints whose messages are not tried', async () => {
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

test('every rule of checkTables is tested here', () => {
  const tested = breaks.map(([rule]) => rule)
  const others = [
    'one_open_purchase',
    'no_double_payment',
    'constraints_exist',
    'events_are_applied',
    'payments_settle',
    'containments_follow_from_memberships',
    'webhook_messages_are_dispatched',
    'webhook_messages_are_tried',
    'sales_rollups_follow_from_entries',
    'payouts_add_up',
    'balance_transactions_are_recorded',
  ]
  expect([...tested, ...others]).toEqual(expect.arrayContaining(ruleNames))
})
