import type { PurchaseView } from '@pay-to-view/workflow-client/types'
import { expect, test } from 'vitest'
import { completeView } from '../workflows/earlier-views.ts'
import { describePurchase } from '../workflows/ui-texts.ts'

const view: PurchaseView = {
  ...{ id: 'ptv_1', status: 'Pending', isFinal: false, processing: false, hasAccess: false, mismatch: 'amount' },
  ...{ title: 'Nosferatu', amount: 499, currency: 'usd', amountSubtotal: 499, amountDiscount: 0, amountTax: 0 },
  ...{ amountPaid: 100, amountRefunded: 0, promotionCode: null, settlementId: 'pi_1', paymentIntentId: 'pi_1' },
  ...{
    paidAt: 1,
    startsAt: 1,
    expiresAt: null,
    checkoutDeadline: 0,
    pendingRefundRequestIds: [],
    isAmbiguous: false,
    change: null,
  },
}

test('a view that an earlier version has loaded still names the payment that is held for review, so the payment can be accepted', () => {
  const { settlementId: _, startsAt: __, ...earlier } = view
  // The view as it is stored in the history.
  expect(completeView(JSON.parse(JSON.stringify(earlier)))).toEqual(view)
})

test('a free order that was taken back is not called a refunded payment', () => {
  const refunded: PurchaseView = { ...view, status: 'Refunded', mismatch: null }
  expect(describePurchase(refunded)).toContain('The payment was refunded in full.')
  const free = describePurchase({ ...refunded, amountPaid: 0, settlementId: 'cs_1', paymentIntentId: null })
  expect(free).toContain('The free order was taken back.')
  expect(free).not.toMatch(/payment|null/i)
})
