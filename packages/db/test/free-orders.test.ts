import type { FreeOrderSnapshot, SessionSnapshot } from '@pay-to-view/purchase'
import { expect, test } from 'vitest'
import { applyFacts, createReads, readRefundRequest, recordRefundRequest } from '../src/index.ts'
import { insertTestPurchase, newUser, now, useDatabase } from './test-purchase.ts'

const database = useDatabase()

test('a free order is found by its code in lowercase letters; of several requests to take it back, one succeeds', async () => {
  const { db } = database
  const purchase = await insertTestPurchase(db, newUser())
  const { id } = purchase
  await db.purchase.update({ where: { id }, data: { allowedDiscount: 'any' } })
  const totals = { currency: 'usd', subtotal: 499, discount: 499, tax: 0, total: 0 }
  const appliedDiscount = { promotionCodeId: 'promo_1', code: 'FREE' }
  const session: SessionSnapshot = {
    ...purchase.session(),
    ...{ paymentIntentId: null, hasPaymentIntent: false, totals, appliedDiscount },
  }
  const order: FreeOrderSnapshot = { kind: 'free_order', id: session.id, amount: 0, currency: 'usd', observedAt: now }
  expect(await purchase.apply(session, order)).toMatchObject({ status: 'Completed', hasAccess: true, isFinal: true })
  const search = async (promotionCode: string) =>
    (await createReads(db).searchPurchases({ promotionCode }, null, 10)).map((found) => found.id)
  expect([await search('FREE'), await search('free'), await search('FREEDOM')]).toEqual([[id], [id], []])
  const requestIds = ['first', 'second', 'third']
  for (const requestId of requestIds)
    expect(await recordRefundRequest(db, id, { requestId, amount: null, reason: null, by: 'root' })).toMatchObject({
      pending: { freeOrderId: session.id },
    })
  const takeBack = async (requestId: string) => {
    const snapshot = { kind: 'free_order_refund' as const, id: session.id, requestId, observedAt: now + 10 }
    const cause = { kind: 'admin_refund' as const, by: 'root', requestId, reason: null }
    await applyFacts(db, { id, snapshots: [snapshot], cause, completesRefundRequest: { requestId, refundId: null } })
    return readRefundRequest(db, id, requestId)
  }
  const outcomes = await Promise.all(requestIds.map(takeBack))
  expect(outcomes.filter((outcome) => 'response' in outcome)).toMatchObject([
    { response: { status: 'Refunded', refundId: null } },
  ])
  expect(outcomes.filter((outcome) => 'rejected' in outcome)).toEqual([1, 2].map(() => ({ rejected: 'already_refunded' })))
  expect(await db.purchase.findUnique({ where: { id } })).toMatchObject({ status: 'Refunded', amountRefunded: 0 })
  expect((await purchase.notes()).filter((note) => note === 'access revoked')).toHaveLength(1)
  expect((await purchase.notes()).at(-1)).toBe('access revoked')
})
