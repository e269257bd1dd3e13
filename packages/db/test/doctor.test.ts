import type { Snapshot } from '@pay-to-view/purchase'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { seedIds } from '@pay-to-view/testing/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ruleNames } from '../src/doctor/check-tables.ts'
import {
  applyFacts,
  checkPurchases,
  checkTables,
  type Finding,
  insertPurchase,
  type NewPurchase,
  newPurchaseId,
  storedFacts,
} from '../src/index.ts'

let database: Database
let users = 0
beforeAll(async () => {
  database = await startDatabase()
}, 120_000)
afterAll(() => database?.stop())

const now = Math.floor(Date.now() / 1_000)
const day = 86_400
const newUser = () => `user-${++users}`
const channel: NewPurchase['entity'] = { id: seedIds.channel, title: 'Silent Cinema', channelId: null }
const itsVideo: NewPurchase['entity'] = { id: seedIds.channelFilm, title: 'The General', channelId: channel.id }
const film: NewPurchase['entity'] = { id: seedIds.film, title: 'Nosferatu', channelId: null }

const sql = (text: string, ...values: unknown[]) => database.db.$executeRawUnsafe(text, ...values)

/** What the doctor finds about these, in the order of the rules. */
const findings = async (...ids: string[]): Promise<string[]> => {
  const found: Finding[] = []
  for await (const some of checkTables(database.db, new Date())) found.push(...some.findings)
  for await (const some of checkPurchases(database.db, new Date())) found.push(...some.findings)
  return found
    .filter(({ id }) => ids.includes(id))
    .map(({ rule, id }) => (ids.length === 1 ? rule : `${rule} ${ids.indexOf(id)}`))
}

/** An attempt that waits, and what Stripe tells of it. */
const attempt = async (userId: string, entity = film, accessDurationDays: number | null = 30) => {
  const { db } = database
  const id = newPurchaseId()
  const checkoutDeadline = new Date(Date.now() + 2_400_000)
  const product = { id: seedIds.thirtyDayProduct, amount: 499, currency: 'usd', accessDurationDays }
  const stripeCustomerId = `cus_${userId}`
  const wanted = { id, userId, entity, product, stripeCustomerId, checkoutRequest: {}, checkoutDeadline }
  expect(await insertPurchase(db, wanted)).toMatchObject({ id })
  const payment = (nth = 1) => `pi_${id}_${nth}`
  const hear = (...told: object[]) => {
    const snapshots: Snapshot[] = Object.values(storedFacts.parse(Object.fromEntries(told.map((one, nth) => [nth, one]))))
    return applyFacts(db, { id, snapshots, cause: { kind: 'event', eventIds: [] } })
  }
  const pay = ({ nth = 1, at = now, amount = 499, status = 'paid' } = {}) =>
    hear(
      {
        ...{ kind: 'session', id: `cs_${id}_${nth}`, status: 'complete', paymentIntentId: payment(nth), hasPaymentIntent: true },
        ...{ userId, entityId: entity.id, createdAt: now - 1_000 + nth, observedAt: at },
      },
      { kind: 'payment', id: payment(nth), status, amount, currency: 'usd', observedAt: at },
    )
  const refund = (status: string, { nth = 1, amount = 499 } = {}) =>
    hear({
      ...{ kind: 'refund', id: `re_${id}_${nth}`, paymentIntentId: payment(nth), status, amount },
      ...{ createdAt: now, requestId: null, observedAt: now },
    })
  const dispute = (status: string, at: number) =>
    hear({
      ...{ kind: 'dispute', id: `du_${id}`, paymentIntentId: payment(), status, amount: 499 },
      ...{ refundable: false, withdrawn: status !== 'won', observedAt: at },
    })
  /** The checkout ended unpaid: the user may begin another. */
  const end = () => hear({ kind: 'rejection', id, code: 'none', observedAt: now })
  const tell = (kind: string, detail: object) =>
    sql(
      `INSERT INTO alerts (kind, purchase_id, dedupe_key, detail) VALUES ($1, $2, $1 || $2, $3::jsonb)`,
      kind,
      id,
      JSON.stringify(detail),
    )
  return { id, payment, hear, pay, refund, dispute, end, tell }
}

const bought = async (userId: string, entity = film, days: number | null = 30) => {
  const one = await attempt(userId, entity, days)
  await one.pay()
  return one
}

/** Each is told by breaking a purchase that was fine; `$1` is its id. */
const breaks: [rule: string, ...statements: string[]][] = [
  ['row_follows_from_facts', 'UPDATE purchases SET amount_paid = 500 WHERE id = $1'],
  ['no_access_without_payment', "UPDATE purchases SET facts = '{}' WHERE id = $1"],
  ['no_payment_without_access', 'UPDATE grants SET ended_at = now() WHERE purchase_id = $1'],
  ['grant_expiry_follows_from_facts', "UPDATE grants SET expires_at = now() + interval '1 year' WHERE purchase_id = $1"],
  ['grant_expiry_matches_purchase', "UPDATE grants SET expires_at = now() + interval '1 year' WHERE purchase_id = $1"],
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

test.each(breaks)('the doctor names it: %s', async (rule, ...statements) => {
  const { id } = await bought(newUser())
  expect(await findings(id)).toEqual([])
  for (const statement of statements) await sql(statement, id)
  expect(await findings(id)).toContain(rule)
})

test('the doctor names an event that was received and not applied', async () => {
  await sql(
    `INSERT INTO stripe_events (id, type, created_at, object_id, livemode, outcome, parsed, source, received_at)
     VALUES ('evt_late', 'charge.refunded', now(), 'ch_1', false, 'received', '{}', 'webhook', now() - interval '1 hour')`,
  )
  expect(await findings('evt_late')).toEqual(['events_are_applied'])
})

test('a video that is paid for while its channel is held is named, unless that very payment goes back', async () => {
  const user = newUser()
  const [video, whole] = [await attempt(user, itsVideo), await attempt(user, channel)]
  await whole.pay()
  await video.pay()
  expect(await findings(video.id, whole.id)).toEqual([])
  // An admin's refund of a part, and alerts about something else, give nobody the second price back.
  await sql("UPDATE refund_requests SET requested_by = 'root', amount = 1, responded_at = now() WHERE purchase_id = $1", video.id)
  await video.tell('disputed', { payment: video.payment() })
  await whole.tell('disputed', { payment: whole.payment() })
  expect(await findings(video.id, whole.id)).toEqual(['no_double_payment 0', 'no_payment_without_access 0'])
})

test('a channel that is bought while one of its videos is held is no second payment, nor what is bought again after its end', async () => {
  const user = newUser()
  const video = await bought(user, itsVideo)
  const whole = await bought(user, channel)
  // The channel is fought over and won after another of its videos was bought.
  await whole.dispute('needs_response', now + 1)
  const another = await bought(user, { ...itsVideo, id: 'vid_01m85eetz5e8qthwt0wycke2g4' })
  await whole.dispute('won', now + 2)
  expect(await findings(video.id, whole.id, another.id)).toEqual([])

  const again = newUser()
  const past = await attempt(again, film, 1)
  await past.pay({ at: now - 2 * day })
  const present = await bought(again, film, 1)
  expect(await findings(past.id, present.id)).toEqual([])
})

test('what is paid again when a dispute is won is named, unless the operator was told of that', async () => {
  const user = newUser()
  const first = await attempt(user)
  await first.end()
  const second = await attempt(user)
  await first.pay()
  await first.dispute('needs_response', now + 1)
  await second.pay()
  await first.dispute('won', now + 2)
  expect(await findings(first.id, second.id)).toEqual([])
  await sql("DELETE FROM alerts WHERE purchase_id = $1 AND kind = 'restored_but_covered'", first.id)
  expect(await findings(first.id, second.id)).toEqual(['no_double_payment 0', 'no_payment_without_access 0'])
})

test('access that somebody took from a payment is named although something else covers it and an alert is there', async () => {
  const user = newUser()
  const video = await bought(user, itsVideo)
  const whole = await bought(user, channel)
  await video.tell('disputed', { payment: video.payment() })
  await sql('UPDATE grants SET ended_at = now() WHERE purchase_id = $1', video.id)
  expect(await findings(video.id, whole.id)).toEqual(['no_payment_without_access 0'])
})

test('of two payments of one purchase neither may be given back more than it was', async () => {
  const one = await bought(newUser())
  await one.pay({ nth: 2 })
  await sql('UPDATE refund_requests SET responded_at = now() WHERE purchase_id = $1', one.id)
  await one.refund('succeeded', { nth: 2 })
  expect(await findings(one.id)).toEqual([])
  await sql('UPDATE refunds SET amount = 600 WHERE purchase_id = $1', one.id)
  expect(await findings(one.id)).toContain('refunded_within_paid')
})

test('a second payment of a purchase that stays at Stripe is named, unless it goes back or the operator was told of it', async () => {
  const one = await bought(newUser())
  await one.pay({ nth: 2 })
  expect(await findings(one.id)).toEqual([])
  await sql('UPDATE refund_requests SET responded_at = now() WHERE purchase_id = $1', one.id)
  await one.refund('failed', { nth: 2 })
  const resolve = (kind: string) =>
    sql('UPDATE alerts SET resolved_at = now() WHERE purchase_id = $1 AND kind = $2', one.id, kind)
  await resolve('duplicate_refunded')
  // The refund that failed was told of: who resolves that has paid the buyer in another way.
  await resolve('refund_failed')
  expect(await findings(one.id)).toEqual([])
  await sql('DELETE FROM alerts WHERE purchase_id = $1', one.id)
  await one.tell('disputed', { payment: one.payment(1) })
  expect(await findings(one.id)).toEqual(['no_unused_payment'])
  await one.tell('refund_refused', { requestId: `duplicate-${one.payment(2)}` })
  expect(await findings(one.id)).toEqual([])
})

test('a payment that is not as quoted is named when nobody was told of it', async () => {
  const one = await attempt(newUser())
  await one.pay({ amount: 77 })
  expect(await findings(one.id)).toEqual([])
  await sql('UPDATE alerts SET resolved_at = now() WHERE purchase_id = $1', one.id)
  expect(await findings(one.id)).toEqual([])
  await sql('DELETE FROM alerts WHERE purchase_id = $1', one.id)
  expect(await findings(one.id)).toEqual(['no_unused_payment'])
})

test('a payment that is under way long past every deadline is named, unless an alert is open', async () => {
  const one = await attempt(newUser())
  await one.pay({ status: 'processing' })
  const endedDaysAgo = (days: number) =>
    sql("UPDATE purchases SET checkout_deadline = now() - $2 * interval '1 day' WHERE id = $1", one.id, days)
  await endedDaysAgo(20)
  expect(await findings(one.id)).toEqual([])
  await endedDaysAgo(31)
  expect(await findings(one.id)).toEqual(['payments_settle'])
  await one.tell('anything', {})
  expect(await findings(one.id)).toEqual([])
})

/** The database itself forbids these: its indexes go first. */
test.each([
  ['one_open_purchase', 'UPDATE purchases SET open = true WHERE user_id = $1'],
  ['one_active_grant', 'UPDATE grants SET ended_at = NULL WHERE user_id = $1'],
])('the doctor names it, and that the index is gone: %s', async (rule, statement) => {
  const user = newUser()
  const first = await attempt(user)
  await first.end()
  await bought(user)
  await first.pay()
  await sql(`INSERT INTO grants (purchase_id, user_id, entity_id, ended_at) VALUES ($1, $2, $3, now())`, first.id, user, film.id)
  expect(await findings(user, rule)).toEqual([])
  await sql(`DROP INDEX ${rule}`)
  await sql(statement, user)
  expect(await findings(user, rule)).toEqual([`${rule} 0`, 'constraints_exist 1'])
})

test('every rule over the tables has its test here', () => {
  const tested = breaks.map(([rule]) => rule)
  const others = [
    'one_open_purchase',
    'one_active_grant',
    'no_double_payment',
    'constraints_exist',
    'events_are_applied',
    'payments_settle',
  ]
  expect([...tested, ...others]).toEqual(expect.arrayContaining(ruleNames))
})
