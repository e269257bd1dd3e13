import { expect, test } from 'vitest'
import { recordRefundRequest, reevaluateRefund, setAsideFacts, uncoveredPayments } from '../src/index.ts'
import { channel, channelFilm, insertTestPurchase, newUser, now, useDatabase } from './test-purchase.ts'

const database = useDatabase()

test('of two payments of one purchase, the one with the newer checkout is refunded, even if it arrives first or proves to have been paid first', async () => {
  const purchase = await insertTestPurchase(database.db, newUser())
  await purchase.pay({ nth: 2 })
  expect(await purchase.pay({ nth: 1, observedAt: now + 5 })).toMatchObject({
    ...{ paymentIntentId: purchase.paymentIntentId(1), hasAccess: true },
  })
  expect(await purchase.refundRequests()).toMatchObject([{ requestId: `duplicate-${purchase.paymentIntentId(2)}`, amount: 499 }])
  await purchase.pay({ nth: 2, observedAt: now - 50 })
  expect(await purchase.refundRequests()).toHaveLength(1)
  expect((await purchase.notes()).at(-1)).toMatch(/now settles the purchase instead of/)
  await purchase.apply(purchase.refund('second', { nth: 2 }))
  expect((await purchase.notes()).at(-1)).toMatch(/refund \S+ of \d+\.\d\d [A-Z]{3} for payment \S+ is succeeded/)
})

test.each([
  ['gives no access', 0],
  ['is not refunded a second time', 1],
])('a duplicate payment of one purchase, which a session of another purchase names too, %s', async (_, ownPayments) => {
  const { db } = database
  const [first, other] = [await insertTestPurchase(db, newUser()), await insertTestPurchase(db, newUser())]
  await first.pay()
  await first.pay({ nth: 2, observedAt: now + 1 })
  if (ownPayments > 0) await other.pay()
  const before = await other.refundRequests()
  const duplicate = { id: first.paymentIntentId(2), observedAt: now + 2 }
  const snapshots = [
    { ...other.session({ nth: 3 }), paymentIntentId: duplicate.id },
    { ...other.payment({ nth: 3 }), ...duplicate },
  ]
  await expect(other.apply(...snapshots)).rejects.toThrow(`A payment of ${first.id} cannot be applied to ${other.id}`)
  await setAsideFacts(db, { id: other.id, eventIds: [], snapshots, error: 'payment' })
  const alerts = await db.alert.findMany({ where: { purchaseId: other.id } })
  expect(alerts).toMatchObject([{ kind: 'facts_set_aside', detail: { otherPurchases: [first.id] } }])
  expect(await other.refundRequests()).toEqual(before)
  // The purchase's own payment is still applied.
  expect(await other.pay()).toMatchObject({ status: 'Completed', hasAccess: true })
})

test('a duplicate whose refund Stripe rejected because of a dispute is refunded when the dispute is won', async () => {
  const { db } = database
  const userId = newUser()
  const first = await insertTestPurchase(db, userId)
  await first.reject()
  const second = await insertTestPurchase(db, userId)
  await second.pay()
  await first.pay({ observedAt: now + 1 })
  const paymentIntentId = first.paymentIntentId()
  const request = { requestId: `duplicate-${paymentIntentId}`, paymentIntentId, amount: 499, error: null }
  expect(await first.refundRequests()).toEqual([request])
  await first.apply(first.dispute('needs_response', now + 2))
  await reevaluateRefund(db, {
    ...{ purchaseId: first.id, requestId: request.requestId, paymentIntentId, amount: 499, reason: null, by: 'pay-to-view' },
  })
  await first.apply(first.dispute('under_review', now + 3))
  const rejected = { ...request, error: 'disputed' }
  expect(await first.refundRequests()).toEqual([rejected])
  expect(await first.countAlerts('refund_refused')).toBe(1)
  await first.apply(first.dispute('won', now + 4))
  const requestedAgain = { ...request, requestId: `${request.requestId}-2` }
  expect(await first.refundRequests()).toEqual([rejected, requestedAgain])
  await first.pay({ observedAt: now + 9 })
  expect(await first.refundRequests()).toEqual([rejected, requestedAgain])
  expect(await first.countAlerts('restored_but_covered')).toBe(0)
})

test('a payment that was disputed immediately, and whose dispute is won after a later purchase, gives access, raises an alert and is not refunded', async () => {
  const { db } = database
  const userId = newUser()
  const first = await insertTestPurchase(db, userId)
  await first.apply({ ...first.session(), status: 'expired', paymentIntentId: null })
  const later = await insertTestPurchase(db, userId)
  const second = { nth: 2 }
  expect(
    await first.apply(first.session(second), first.payment(second), first.dispute('needs_response', now + 1, second)),
  ).toMatchObject({ status: 'Disputed', hasAccess: false })
  await later.pay({ observedAt: now + 2 })
  await first.apply(first.dispute('won', now + 3, second))
  // Repeated and later snapshots do not replace the operator's decision.
  await first.apply(first.dispute('won', now + 3, second))
  await first.apply(first.dispute('won', now + 4, second))
  expect(await first.refundRequests()).toEqual([])
  expect(await first.countAlerts('restored_but_covered')).toBe(1)
  expect((await first.notes()).filter((note) => note?.includes('access restored'))).toHaveLength(1)
})

test('when a channel is restored after one of its films was bought, both purchases keep their access and an alert is raised', async () => {
  const { db } = database
  const userId = newUser()
  const wholeChannel = await insertTestPurchase(db, userId, channel, 365)
  await wholeChannel.pay()
  await wholeChannel.apply(wholeChannel.dispute('needs_response', now + 1))
  const oneFilm = await insertTestPurchase(db, userId, channelFilm)
  expect(await oneFilm.pay({ observedAt: now + 2 })).toMatchObject({ hasAccess: true })
  expect(await wholeChannel.apply(wholeChannel.dispute('won', now + 3))).toMatchObject({ hasAccess: true })
  await wholeChannel.apply(wholeChannel.dispute('won', now + 4))
  const alerts = await db.alert.findMany({ where: { purchaseId: wholeChannel.id, kind: 'restored_but_covered' } })
  expect(alerts.map(({ detail }) => detail)).toEqual([{ purchases: [oneFilm.id] }])
  expect(await oneFilm.refundRequests()).toEqual([])
})

test('a duplicate that could not be refunded gives access when the other purchase is revoked or expires', async () => {
  const { db } = database
  const userId = newUser()
  const second = await insertTestPurchase(db, userId)
  await second.reject()
  const third = await insertTestPurchase(db, userId)
  await third.reject()
  const first = await insertTestPurchase(db, userId)
  for (const purchase of [first, second, third]) await purchase.pay()
  for (const duplicate of [second, third]) {
    const [request] = await duplicate.refundRequests()
    await db.refundRequest.updateMany({
      where: { purchaseId: duplicate.id },
      data: { error: 'refund_failed', respondedAt: new Date() },
    })
    expect(request).toMatchObject({ requestId: `duplicate-${duplicate.paymentIntentId()}` })
  }
  const granted = async () => (await db.grant.findMany({ where: { userId, revokedAt: null } })).map((grant) => grant.purchaseId)
  await first.apply(first.refund('all'))
  const [successor] = await granted()
  expect([second.id, third.id]).toContain(successor)
  const [active, waiting] = successor === second.id ? [second, third] : [third, second]
  const monthAgo = new Date(Date.now() - 31 * 86_400_000)
  await db.grant.update({ where: { purchaseId: active.id }, data: { startsAt: monthAgo } })
  expect((await uncoveredPayments(db, new Date(), 10)).map(({ id, paymentIntentId }) => [id, paymentIntentId])).toContainEqual([
    waiting.id,
    waiting.paymentIntentId(),
  ])
  expect(await waiting.apply()).toMatchObject({ hasAccess: true })
  expect((await granted()).sort()).toEqual([active.id, waiting.id].sort())
  expect((await uncoveredPayments(db, new Date(), 10)).map(({ id }) => id)).not.toContain(waiting.id)
})

test('two payments that do not match the quote can be refunded one after the other', async () => {
  const { db } = database
  const purchase = await insertTestPurchase(db, newUser())
  const [first, second] = [
    { nth: 1, amount: 100 },
    { nth: 2, amount: 200 },
  ]
  await purchase.apply(purchase.session(first), purchase.payment(first), purchase.session(second), purchase.payment(second))
  const request = { amount: null, reason: null, by: 'root' }
  expect(await recordRefundRequest(db, purchase.id, { requestId: 'a', ...request })).toMatchObject({
    pending: { paymentIntentId: purchase.paymentIntentId(1), amount: 100 },
  })
  expect(await purchase.apply(purchase.refund('a', first))).toMatchObject({
    ...{ status: 'Pending', mismatch: 'amount', isFinal: false },
    ...{ paymentIntentId: purchase.paymentIntentId(2), amountPaid: 200 },
  })
  expect((await purchase.notes()).join()).toContain(
    `payment ${purchase.paymentIntentId(2)} now settles the purchase instead of ${purchase.paymentIntentId(1)}`,
  )
  expect(await purchase.countAlerts('restored')).toBe(0)
  expect(await recordRefundRequest(db, purchase.id, { requestId: 'b', ...request })).toMatchObject({
    pending: { paymentIntentId: purchase.paymentIntentId(2), amount: 200 },
  })
  expect(await purchase.openAlertKinds()).toEqual(['mismatch'])
  const refunded = await purchase.apply(purchase.refund('b', second))
  expect(refunded).toMatchObject({ status: 'Refunded', amountRefunded: 200, hasAccess: false })
  expect(await purchase.openAlertKinds()).toEqual([])
  const failed = await purchase.apply(purchase.refund('b', { ...second, status: 'failed' }))
  expect(failed).toMatchObject({ status: 'Pending', mismatch: 'amount' })
  expect(await purchase.openAlertKinds()).toContain('mismatch')
})
