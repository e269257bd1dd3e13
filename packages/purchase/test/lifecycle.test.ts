import { expect, test } from 'vitest'
import { type CheckoutTerms, isReusable, reuseWindowMs } from '../src/index.ts'

const offer: CheckoutTerms = { productId: 'prod_1', amount: 499, currency: 'usd', accessDurationDays: 30, returnUrl: null }
const now = new Date('2026-11-28T12:00:00Z')
const attempt = (age: number, settling = false) => ({ ...offer, createdAt: new Date(now.getTime() - age), settling })

test('an open attempt is given out again for five minutes, for the same terms only', () => {
  expect(isReusable(attempt(reuseWindowMs - 1), offer, now)).toBe(true)
  expect(isReusable(attempt(reuseWindowMs), offer, now)).toBe(false)
})

test.each([
  { productId: 'prod_2' },
  { amount: 500 },
  { currency: 'eur' },
  { accessDurationDays: 365 },
  { accessDurationDays: null },
  { returnUrl: 'https://yoursite.com/b' },
])('an attempt is not given out for %j', (other) => {
  expect(isReusable(attempt(0), { ...offer, ...other }, now)).toBe(false)
})

test('an attempt for which money has come by another checkout is not given out', () => {
  expect(isReusable(attempt(0, true), offer, now)).toBe(false)
})
