import { secondsPerDay } from '@pay-to-view/purchase'
import { expect, test } from 'vitest'
import { enableEmail, recordFirstPlayback, withdraw } from '../src/index.ts'
import { channel, channelFilm, film, insertTestPurchase, newUser, now, useDatabase } from './test-purchase.ts'

const database = useDatabase()

/** Creates a paid purchase, by default with consent. */
const buy = async ({ hasConsent = true, paidAt = now, entity = film } = {}) => {
  const { db } = database
  const userId = newUser()
  const purchase = await insertTestPurchase(db, userId, entity)
  const { id: purchaseId } = purchase
  const consent = hasConsent ? { consentVersion: 'test', consentAt: new Date() } : {}
  await db.purchase.update({ where: { id: purchaseId }, data: consent })
  await purchase.pay({ observedAt: paidAt })
  const call = (isConfirmed: boolean) => withdraw(db, { userId, purchaseId, isOffered: true, isConfirmed })
  const steps = async () =>
    (await db.withdrawalStep.findMany({ where: { purchaseId }, orderBy: { id: 'asc' } })).map(
      ({ step, reason }) => reason ?? step,
    )
  return { userId, purchaseId, purchase, call, steps }
}

test('a withdrawal ends the access and requests the refund only once, even if it is confirmed repeatedly', async () => {
  const { db } = database
  const { userId, purchaseId, call, steps, purchase } = await buy()
  expect(await call(false)).toMatchObject({ preview: { possible: true, amount: { amount: 499, currency: 'usd' } } })
  const [first, ...others] = await Promise.all([call(true), call(true), call(true)])
  expect(first).toMatchObject({ withdrawal: { refund: { amount: 499, currency: 'usd' } } })
  for (const other of others) expect(other).toEqual(first)
  expect(await call(true)).toEqual(first)
  expect(await steps()).toEqual(['requested', 'confirmed'])
  const requests = await db.refundRequest.findMany({ where: { purchaseId } })
  expect(requests).toMatchObject([{ requestId: `withdrawal-${purchaseId}`, amount: 499, respondedAt: null }])
  expect(await db.grant.findUniqueOrThrow({ where: { purchaseId } })).toMatchObject({ revokedBy: 'withdrawal' })
  expect(await recordFirstPlayback(db, userId, film.id)).toBeNull()
  // Neither facts that arrive before the refund nor a failed refund restore the access.
  await purchase.apply(purchase.payment({ observedAt: now + 1 }))
  expect(await purchase.apply(purchase.refund('one', { status: 'failed' }))).toMatchObject({ hasAccess: false })
  expect(await call(false)).toMatchObject({ preview: { possible: false, reason: 'withdrawn' } })
})

test('a withdrawal is acknowledged by one e-mail, whether or not the refund succeeds', async () => {
  const { db } = database
  await enableEmail(db, { maxPerSecond: 10, maxConcurrent: 5 })
  const { userId, purchaseId, purchase, call } = await buy()
  await Promise.all([call(true), call(true)])
  await purchase.apply(purchase.refund('one', { status: 'failed' }))
  const { withdrawnAt: at } = await db.purchase.findUniqueOrThrow({ where: { id: purchaseId } })
  const messages = await db.outboxMessage.findMany({ where: { userId, type: { in: ['email.withdrawn', 'email.refunded'] } } })
  const data = { userId, purchaseId, at: at?.toISOString(), refund: { id: null, amount: 499 } }
  expect(messages).toMatchObject([{ type: 'email.withdrawn', data }])
  await db.webhookEndpoint.deleteMany()
})

test('of a concurrent first playback and withdrawal, only one succeeds', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const { userId, call } = await buy()
      const calls = [() => recordFirstPlayback(database.db, userId, film.id), () => call(true)]
      const ordered = index % 2 === 0 ? calls : calls.reverse()
      const results = await Promise.all(ordered.map((each) => each()))
      const [access, result] = index % 2 === 0 ? results : results.reverse()
      return [access !== null, result !== null && typeof result === 'object' && 'withdrawal' in result]
    }),
  )
  for (const [played, withdrawn] of outcomes) expect(played).toBe(!withdrawn)
})

test('after a playback, only a purchase without consent can be withdrawn from; rejections are logged', async () => {
  const consented = await buy()
  await recordFirstPlayback(database.db, consented.userId, film.id)
  expect(await consented.call(true)).toMatchObject({ preview: { possible: false, reason: 'played' } })
  expect(await consented.call(true)).toMatchObject({ preview: { reason: 'played' } })
  expect(await consented.steps()).toEqual(['played'])
  const without = await buy({ hasConsent: false })
  await recordFirstPlayback(database.db, without.userId, film.id)
  expect(await without.call(true)).toHaveProperty('withdrawal')
})

test('playing a member of a channel counts for the purchase of the channel', async () => {
  const { userId, call } = await buy({ entity: channel })
  expect(await recordFirstPlayback(database.db, userId, channelFilm.id)).not.toBeNull()
  expect(await call(false)).toMatchObject({ preview: { possible: false, reason: 'played' } })
})

test('15 days after the payment, it is too late', async () => {
  const late = await buy({ paidAt: now - 15 * secondsPerDay })
  expect(await late.call(true)).toMatchObject({ preview: { possible: false, reason: 'too_late' } })
  expect(await late.steps()).toEqual(['too_late'])
})

test("another user's purchase is not found, and nothing is offered or logged without CONSENT", async () => {
  const { userId, purchaseId, call, steps } = await buy()
  const { db } = database
  expect(await withdraw(db, { userId: newUser(), purchaseId, isOffered: true, isConfirmed: true })).toBeNull()
  expect(await withdraw(db, { userId, purchaseId, isOffered: false, isConfirmed: true })).toMatchObject({
    preview: { possible: false, reason: 'not_offered' },
  })
  expect(await steps()).toEqual([])
  expect(await call(false)).toMatchObject({ preview: { possible: true } })
})
