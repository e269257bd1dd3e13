import type { FreeOrderSnapshot, SessionSnapshot } from '@pay-to-view/purchase'
import { expect, test } from 'vitest'
import { applyFacts, createReads, recordRefundRequest } from '../src/index.ts'
import { insertTestPurchase, newUser, now, useDatabase } from './test-purchase.ts'

const database = useDatabase()

test('a free order is found by its code in lowercase letters; two requests to revoke its access both succeed, and both are in the timeline', async () => {
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
  const requestIds = ['first', 'second']
  for (const requestId of requestIds)
    expect(await recordRefundRequest(db, id, { requestId, amount: null, reason: null, by: 'root' })).toMatchObject({
      pending: { freeOrderId: session.id },
    })
  for (const [index, requestId] of requestIds.entries()) {
    const snapshot = { kind: 'free_order_refund' as const, id: session.id, requestId, observedAt: now + 10 + index }
    const cause = { kind: 'admin_refund' as const, by: 'root', requestId, reason: null }
    await applyFacts(db, { id, snapshots: [snapshot], cause, completesRefundRequest: { requestId, refundId: null } })
  }
  expect(await db.purchase.findUnique({ where: { id } })).toMatchObject({ status: 'Refunded', amountRefunded: 0 })
  expect((await purchase.notes()).slice(-2)).toEqual(['access revoked', 'the access of the free order was already revoked'])
})
