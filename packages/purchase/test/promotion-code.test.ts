import { expect, test } from 'vitest'
import { type PromotionCode, type PromotionCodeRejection, rejectPromotionCode } from '../src/index.ts'

const now = new Date('2026-12-01T12:00:00Z')
const seconds = now.getTime() / 1_000
const use = { productId: 'film', stripeCustomerId: 'cus_1', amount: 499, currency: 'usd', taxBehavior: null, now }
const coupon: PromotionCode['coupon'] = {
  ...{ valid: true, redeemBy: null, timesRedeemed: 0, maxRedemptions: null, productIds: null },
  discount: { percentOff: 10 },
}
const withDiscount = (discount: PromotionCode['coupon']['discount']): PromotionCode => ({
  ...code,
  coupon: { ...coupon, discount },
})
const code: PromotionCode = {
  ...{ id: 'promo_1', code: 'TEN', active: true, expiresAt: null, timesRedeemed: 0, maxRedemptions: null },
  ...{ customerId: null, coupon, minimumAmounts: null },
}

test.each<[string, PromotionCodeRejection | null, PromotionCode | null]>([
  ['does not exist', 'unknown', null],
  ['has no limits', null, code],
  ['expires this second', 'expired', { ...code, expiresAt: seconds }],
  ['expires in a second', null, { ...code, expiresAt: seconds + 1 }],
  ['has a coupon that has ended', 'expired', { ...code, coupon: { ...coupon, redeemBy: seconds - 1 } }],
  ['was deactivated', 'expired', { ...code, active: false }],
  ['has a coupon that is no longer valid', 'expired', { ...code, coupon: { ...coupon, valid: false } }],
  ['has one redemption left', null, { ...code, timesRedeemed: 1, maxRedemptions: 2 }],
  [
    'has no redemptions left, so Stripe has deactivated it',
    'used_up',
    { ...code, active: false, timesRedeemed: 2, maxRedemptions: 2 },
  ],
  [
    'has a coupon that has no redemptions left',
    'used_up',
    { ...code, coupon: { ...coupon, valid: false, timesRedeemed: 3, maxRedemptions: 3 } },
  ],
  ["is this customer's", null, { ...code, customerId: 'cus_1' }],
  ["is another customer's", 'not_applicable', { ...code, customerId: 'cus_2' }],
  ['is for this product', null, { ...code, coupon: { ...coupon, productIds: ['series', 'film'] } }],
  ['is for another product', 'not_applicable', { ...code, coupon: { ...coupon, productIds: ['films'] } }],
  ['has a minimum equal to the price', null, { ...code, minimumAmounts: { usd: 499 } }],
  ['has a minimum above the price', 'not_applicable', { ...code, minimumAmounts: { usd: 500 } }],
  ['has a known minimum only in another currency', null, { ...code, minimumAmounts: { jpy: 500 } }],
  ['has a minimum in several currencies', null, { ...code, minimumAmounts: { jpy: 500, usd: 400 } }],
  ['takes off an amount in this currency', null, withDiscount({ amountsOff: { eur: 300, usd: 300 } })],
  ['takes off an amount in another currency', 'not_applicable', withDiscount({ amountsOff: { eur: 300 } })],
  ['makes the order free', null, withDiscount({ amountsOff: { usd: 500 } })],
  ["leaves less than Stripe's minimum", 'not_applicable', withDiscount({ amountsOff: { usd: 450 } })],
  ["leaves less than Stripe's minimum as a percentage", 'not_applicable', withDiscount({ percentOff: 95 })],
])('a code that %s: %s', (_, rejection, promotion) => {
  expect(rejectPromotionCode(promotion, use)).toBe(rejection)
})
