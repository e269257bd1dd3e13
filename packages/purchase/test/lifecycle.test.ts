import { expect, test } from 'vitest'
import { type CheckoutTerms, isReusable, reuseWindowMs } from '../src/index.ts'

const terms: CheckoutTerms = {
  productId: 'prod_1',
  amount: 499,
  currency: 'usd',
  accessDurationDays: 30,
  rental: null,
  isRenewal: false,
  allowedDiscount: 'none',
  promotionCode: null,
  taxBehavior: null,
  consentVersion: null,
  returnUrl: null,
}
const now = new Date('2026-11-28T12:00:00Z')
const openCheckout = (ageMs: number, hasPendingPayment = false) => ({
  ...terms,
  createdAt: new Date(now.getTime() - ageMs),
  hasPendingPayment,
})

test('an open checkout is reused for five minutes, but only for the same terms', () => {
  expect(isReusable(openCheckout(reuseWindowMs - 1), terms, now)).toBe(true)
  expect(isReusable(openCheckout(reuseWindowMs), terms, now)).toBe(false)
})

test.each([
  { productId: 'prod_2' },
  { amount: 500 },
  { currency: 'eur' },
  { accessDurationDays: 365 },
  { accessDurationDays: null },
  { accessDurationDays: null, rental: { startWithinDays: 30, watchWithinHours: 48 } },
  { isRenewal: true },
  { consentVersion: '2026-11-30' },
  { returnUrl: 'https://yoursite.com/b' },
])('an open checkout is not reused for %j', (different) => {
  expect(isReusable(openCheckout(0), { ...terms, ...different }, now)).toBe(false)
})

test('an open checkout is not reused while the payment of another checkout is pending', () => {
  expect(isReusable(openCheckout(0, true), terms, now)).toBe(false)
})
