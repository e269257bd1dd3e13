import { expect, test } from 'vitest'
import { applyFacts, readRefundRequest, recordRefundRequest, reevaluateRefund } from '../src/index.ts'
import { insertTestPurchase, newUser, now, useDatabase } from './test-purchase.ts'

const database = useDatabase()

test('a full refund uses the amount that remains when Stripe is called; a fixed amount is rejected if less remains', async () => {
  const { db } = database
  const purchase = await insertTestPurchase(db, newUser())
  await purchase.pay()
  await recordRefundRequest(db, purchase.id, { requestId: 'all', amount: null, reason: null, by: 'root' })
  await recordRefundRequest(db, purchase.id, { requestId: 'part', amount: 450, reason: null, by: 'root' })
  await purchase.apply(purchase.refund('dashboard', { amount: 100 }))
  const request = { purchaseId: purchase.id, paymentIntentId: purchase.paymentIntentId(), reason: null, by: 'root' }
  const all = { ...request, requestId: 'all', amount: 499 }
  expect(await reevaluateRefund(db, all)).toMatchObject({ pending: { requestId: 'all', amount: 399 } })
  expect(await reevaluateRefund(db, { ...request, requestId: 'part', amount: 450 })).toEqual({ rejected: 'amount_too_large' })
  // Nothing has changed since the request was recorded, so Stripe's reason is unknown.
  expect(await reevaluateRefund(db, { ...all, amount: 399 })).toEqual({ rejected: 'refund_refused' })
})

test('the timeline has the refunded amount each time it changes', async () => {
  const purchase = await insertTestPurchase(database.db, newUser())
  await purchase.pay()
  await purchase.apply(purchase.refund('part', { amount: 100 }))
  await purchase.apply(purchase.refund('rest', { amount: 399 }))
  await purchase.apply(purchase.refund('rest', { amount: 399, status: 'failed' }))
  await purchase.apply(purchase.refund('part', { amount: 100, status: 'failed' }))
  expect((await purchase.notes()).slice(-4)).toEqual([
    '1.00 USD of 4.99 USD refunded',
    expect.stringContaining('4.99 USD of 4.99 USD refunded'),
    expect.stringContaining('1.00 USD of 4.99 USD refunded'),
    '0.00 USD of 4.99 USD refunded',
  ])
})

test('the timeline names who requested a refund, even if an event reported the refund first', async () => {
  const { db } = database
  const purchase = await insertTestPurchase(db, newUser())
  await purchase.pay()
  await recordRefundRequest(db, purchase.id, { requestId: 'ticket', amount: 100, reason: 'late', by: 'root' })
  const refund = purchase.refund('ticket', { amount: 100 })
  // Stripe accepted the refund while Postgres was unavailable, so the webhook about it is applied first.
  await purchase.apply(refund)
  const cause = { kind: 'admin_refund' as const, by: 'root', requestId: 'ticket', reason: 'late' }
  await applyFacts(db, {
    ...{ id: purchase.id, snapshots: [refund], cause },
    completesRefundRequest: { requestId: 'ticket', refundId: refund.id },
  })
  const changes = await db.change.findMany({ where: { purchaseId: purchase.id, cause: { equals: cause } } })
  expect(changes).toMatchObject([{ fromStatus: 'Completed', toStatus: 'Completed', note: expect.stringContaining(refund.id) }])
  expect(await readRefundRequest(db, purchase.id, 'ticket')).toMatchObject({ response: { amountRefunded: 100 } })
})

test('a dispute of a payment that was refunded or does not count raises alerts and is in the timeline', async () => {
  const refunded = await insertTestPurchase(database.db, newUser())
  await refunded.pay()
  await refunded.apply(refunded.refund('all'))
  await refunded.apply(refunded.dispute('needs_response', now + 1))
  expect(await refunded.apply(refunded.dispute('lost', now + 2))).toMatchObject({ status: 'Refunded' })
  expect([await refunded.countAlerts('disputed'), await refunded.countAlerts('charged_back')]).toEqual([1, 1])
  expect((await refunded.notes()).slice(-2)).toEqual([
    expect.stringMatching(/^dispute .* is needs_response$/),
    expect.stringMatching(/^dispute .* is lost$/),
  ])

  const paidTwice = await insertTestPurchase(database.db, newUser())
  await paidTwice.pay({ nth: 1 })
  await paidTwice.pay({ nth: 2 })
  await paidTwice.apply(paidTwice.dispute('needs_response', now + 1, { name: 'second', nth: 2 }))
  expect(await paidTwice.countAlerts('disputed')).toBe(1)
})

test('the alert about an open or lost dispute is open as long as the dispute is in that state', async () => {
  const purchase = await insertTestPurchase(database.db, newUser())
  await purchase.pay()
  const [one, two] = [{ name: 'one' }, { name: 'two' }]
  await purchase.apply(purchase.dispute('needs_response', now + 1, one), purchase.dispute('needs_response', now + 1, two))
  await purchase.apply(purchase.dispute('under_review', now + 2, one))
  expect(await purchase.openAlertKinds()).toEqual(['disputed', 'disputed'])
  await purchase.apply(purchase.dispute('won', now + 3, one))
  expect(await purchase.openAlertKinds()).toEqual(['disputed'])
  await purchase.apply(purchase.dispute('lost', now + 3, two))
  expect(await purchase.openAlertKinds()).toEqual(['charged_back'])
  await purchase.apply(purchase.dispute('under_review', now + 4, two))
  expect(await purchase.openAlertKinds()).toEqual(['disputed'])
  await purchase.apply(purchase.dispute('won', now + 5, two))
  expect(await purchase.openAlertKinds()).toEqual([])
})

test('each dispute, failed refund and payment with a mismatch raises one alert', async () => {
  const purchase = await insertTestPurchase(database.db, newUser())
  await purchase.pay()
  for (const name of ['one', 'two']) {
    await purchase.apply(purchase.dispute('needs_response', now + 1, { name }))
    await purchase.apply(purchase.dispute('needs_response', now + 1, { name }))
    await purchase.apply(purchase.dispute('won', now + 2, { name }))
  }
  expect(await purchase.countAlerts('disputed')).toBe(2)
  for (const name of ['one', 'two']) {
    await purchase.apply(purchase.refund(name))
    await purchase.apply(purchase.refund(name, { status: 'failed' }))
    await purchase.apply(purchase.refund(name, { status: 'failed' }))
  }
  expect(await purchase.countAlerts('restored')).toBe(2)
  const mismatched = await insertTestPurchase(database.db, newUser())
  await mismatched.pay({ nth: 1, amount: 77 })
  await mismatched.pay({ nth: 2, amount: 78 })
  expect(await mismatched.countAlerts('mismatch')).toBe(2)
})
