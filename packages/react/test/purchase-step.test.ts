import { expect, test } from 'vitest'
import type { Access } from '../src/access-phase.ts'
import type { PurchaseItem } from '../src/pending-reason.ts'
import { currentStep, type PurchaseState } from '../src/purchase-step.ts'

const now = Date.parse('2026-12-01T20:00:00.000Z')
const noAccess: Access = {
  ...{ entityId: 'film', hasAccess: false, startsAt: null, expiresAt: null },
  ...{ source: null, purchaseId: null, rental: null, nextRental: null, playbackEndsWithdrawal: false },
}
const bought: Access = { ...noAccess, startsAt: '2026-12-01T19:00:00.000Z', source: 'purchase' }
const inAnHour = '2026-12-01T21:00:00.000Z'

const created = { success: true, hasAccess: false, purchaseId: 'ptv_1', clientSecret: 'cs', stripeCustomerId: 'cus' } as const

const idle: PurchaseState = {
  ...{ isSignedIn: true, now, isCheckoutComplete: false, replaced: null },
  access: { data: noAccess, isPending: false, loadingError: null, retry: () => undefined },
  create: { data: undefined, error: null, isPending: false, isRenewal: false, retry: () => undefined },
  newest: { purchase: null, isLoading: false },
}

const withAccess = (data: Access) => ({ ...idle, access: { ...idle.access, data } })

const purchase = (status: PurchaseItem['status']): PurchaseItem => ({
  ...{ purchaseId: 'ptv_1', payToViewProductId: 'days', entityId: 'film', entityType: 1, status, processing: false },
  ...{ amount: 499, amountPaid: 499, amountSubtotal: 499, amountDiscount: 0, amountTax: 0, amountRefunded: 0 },
  ...{ currency: 'usd', currencyPaid: 'usd', promotionCode: null, invoiceUrl: null, invoicePdfUrl: null },
  ...{ externalTransactionId: null, createdAt: inAnHour, completedAt: null, startsAt: null, expiresAt: null },
  ...{ rental: null, refundedAt: null, consent: null, withdrawnAt: null, hasAccess: false },
})

test('bought access that has not started is upcoming; if complimentary access has not started, the entity is still offered', () => {
  const later: Access = { ...bought, startsAt: inAnHour }
  expect(currentStep(withAccess(later))).toMatchObject({ step: 'upcoming', startsAt: inAnHour, justPurchased: false })
  expect(currentStep(withAccess({ ...later, source: 'complimentary' })).step).toBe('offer')
})

test("if Stripe's clock dates a payment a second ahead, access is about to start, not upcoming", () => {
  const state = { ...withAccess({ ...bought, startsAt: new Date(now + 1_000).toISOString() }), isCheckoutComplete: true }
  const create = { ...idle.create, data: created }
  expect(currentStep({ ...state, create }).step).toBe('unlocking')
  const paidBefore = { ...purchase('Completed'), completedAt: new Date(now - 60_000).toISOString() }
  const preSold = { ...state, create, newest: { purchase: paidBefore, isLoading: false } }
  expect(currentStep(preSold)).toMatchObject({ step: 'upcoming', justPurchased: true })
})

test.each([
  [{ isPending: true }, null, 'creating'],
  [{ error: new Error('offline') }, null, 'failed'],
  [{ data: created }, null, 'checkout'],
  [{ data: created }, 'Expired', 'ended'],
  [{ data: created }, 'Completed', 'unlocked'],
  [{ data: { success: false, hasAccess: false, purchaseId: 'ptv_1', reason: 'payment_processing' } }, null, 'waiting'],
  [{ data: { success: false, hasAccess: true } }, null, 'unlocked'],
] as const)('a renewal in progress takes precedence over current access: %j, %s', (create, status, step) => {
  const state: PurchaseState = {
    ...withAccess({ ...bought, hasAccess: true }),
    create: { ...idle.create, isRenewal: true, ...create },
    newest: { purchase: status && purchase(status), isLoading: false },
  }
  expect(currentStep(state).step).toBe(step)
  // Without `renew`, the user's access takes precedence.
  expect(currentStep({ ...state, create: { ...state.create, isRenewal: false } }).step).toBe('unlocked')
})
