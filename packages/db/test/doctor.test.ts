import { expect, test } from 'vitest'
import { ruleNames } from '../src/doctor/check-tables.ts'
import { createPatient } from './doctor-patient.ts'
import { channel, channelFilm, film, newUser, now, secondsPerDay, useDatabase } from './test-purchase.ts'

const database = useDatabase()

const { sql, brokenRules, insertPurchase, insertPaidPurchase } = createPatient(database)

/** Statements that break a valid purchase. `$1` is the purchase's id. */
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
  // Neither a partial refund by an admin nor an unrelated alert counts as a refund of the second payment.
  await sql("UPDATE refund_requests SET requested_by = 'root', amount = 1, responded_at = now() WHERE purchase_id = $1", video.id)
  await video.insertAlert('disputed', { paymentIntentId: video.paymentIntentId() })
  await whole.insertAlert('disputed', { paymentIntentId: whole.paymentIntentId() })
  expect(await brokenRules(video.id, whole.id)).toEqual(['no_double_payment 0', 'no_payment_without_access 0'])
})

test("neither a channel bought after one of its videos nor a purchase after an earlier purchase's expiry is a double payment", async () => {
  const user = newUser()
  const video = await insertPaidPurchase(user, channelFilm)
  const whole = await insertPaidPurchase(user, channel)
  // The dispute of the payment for the channel is won after another video of the channel was bought.
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

test('a payment that a won dispute returns while a later purchase covers its access is found, unless there is an alert', async () => {
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

test('a payment whose grant was ended manually is found, even if another purchase covers it and there is an alert', async () => {
  const user = newUser()
  const video = await insertPaidPurchase(user, channelFilm)
  const whole = await insertPaidPurchase(user, channel)
  await video.insertAlert('disputed', { paymentIntentId: video.paymentIntentId() })
  await sql('UPDATE grants SET revoked_at = now() WHERE purchase_id = $1', video.id)
  expect(await brokenRules(video.id, whole.id)).toEqual(['no_payment_without_access 0'])
})

test('neither of two payments of one purchase may be refunded by more than its own amount', async () => {
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
  // When an operator resolves the failed refund's alert, the doctor assumes that the money was returned in another way.
  await resolve('refund_failed')
  expect(await brokenRules(one.id)).toEqual([])
  await sql('DELETE FROM alerts WHERE purchase_id = $1', one.id)
  await one.insertAlert('disputed', { paymentIntentId: one.paymentIntentId(1) })
  expect(await brokenRules(one.id)).toEqual(['no_unused_payment'])
  await one.insertAlert('refund_refused', { requestId: `duplicate-${one.paymentIntentId(2)}` })
  expect(await brokenRules(one.id)).toEqual([])
})

test('a payment that does not match its quote is found if there is no alert', async () => {
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

/** A unique index prevents this state, so the test drops the index first. */
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

test('every rule of checkTables is tested here or in doctor-records.test.ts', () => {
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
    'checkout_rollups_follow_from_purchases',
    'payouts_add_up',
    'balance_transactions_are_recorded',
    'entity_jobs_end',
    'canceled_events_are_refunded',
  ]
  expect([...tested, ...others]).toEqual(expect.arrayContaining(ruleNames))
})
