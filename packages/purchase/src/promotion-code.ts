import { minimumCharge, type Price, smallestStep } from './money.ts'
import type { TaxBehavior } from './totals.ts'

/** The current state of a promotion code and its coupon in Stripe. Times are seconds since the epoch. */
export interface PromotionCode {
  id: string
  code: string
  active: boolean
  expiresAt: number | null
  timesRedeemed: number
  maxRedemptions: number | null
  /** The only Stripe customer that may use the code; null if everyone may use it. */
  customerId: string | null
  coupon: {
    /** Whether the coupon can still be redeemed (Stripe's `valid`). */
    valid: boolean
    redeemBy: number | null
    timesRedeemed: number
    maxRedemptions: number | null
    /** A percentage, or for each currency of the coupon the amount that it takes off, in minor units. */
    discount: { percentOff: number } | { amountsOff: Readonly<Record<string, number>> }
    /**
     * The ids of the products to which the coupon applies, from `payToViewProductIds` in the coupon's metadata, where they are separated by
     * commas or spaces. Null if the coupon applies to all products.
     */
    productIds: readonly string[] | null
  }
  /**
   * The known minimum prices by currency, in minor units; null if there is no minimum. There may be minimums in other currencies, which Stripe
   * checks.
   */
  minimumAmounts: Readonly<Record<string, number>> | null
}

export const promotionCodeRejections = ['unknown', 'expired', 'used_up', 'not_applicable'] as const
export type PromotionCodeRejection = (typeof promotionCodeRejections)[number]

export interface PromotionCodeUse {
  productId: string
  stripeCustomerId: string
  /** The amount in minor units. */
  amount: number
  currency: string
  taxBehavior: TaxBehavior | null
  now: Date
}

const isUsedUp = ({ timesRedeemed, maxRedemptions }: { timesRedeemed: number; maxRedemptions: number | null }): boolean =>
  maxRedemptions !== null && timesRedeemed >= maxRedemptions

/** Returns the price minus the discount, or null if the coupon takes nothing off in the price's currency. */
const discountedAmount = ({ amount, currency }: Price, { discount }: PromotionCode['coupon']): number | null => {
  const step = smallestStep(currency)
  if ('percentOff' in discount) return amount - Math.round((amount * discount.percentOff) / 100 / step) * step
  const amountOff = discount.amountsOff[currency]
  return amountOff === undefined ? null : Math.max(0, amount - amountOff)
}

/** Whether Stripe can charge the remaining amount, or the order is free. Exclusive tax is not known yet, so Stripe has to check the total. */
const isChargeable = (amount: number, { currency, taxBehavior }: PromotionCodeUse): boolean =>
  amount === 0 || taxBehavior === 'exclusive' || amount >= minimumCharge(currency)

/**
 * Returns why a promotion code cannot be used for a purchase, or null if there is no known reason. Stripe checks the other conditions when
 * the session is created and paid: a restriction to first purchases, a minimum in another currency, and the remaining redemptions.
 */
export const rejectPromotionCode = (promotion: PromotionCode | null, use: PromotionCodeUse): PromotionCodeRejection | null => {
  if (promotion === null) return 'unknown'
  const { coupon, minimumAmounts } = promotion
  const now = use.now.getTime() / 1000
  if ([promotion.expiresAt, coupon.redeemBy].some((end) => end !== null && end <= now)) return 'expired'
  if (isUsedUp(promotion) || isUsedUp(coupon)) return 'used_up'
  if (!promotion.active || !coupon.valid) return 'expired'
  if (promotion.customerId !== null && promotion.customerId !== use.stripeCustomerId) return 'not_applicable'
  if (coupon.productIds !== null && !coupon.productIds.includes(use.productId)) return 'not_applicable'
  if (minimumAmounts !== null && use.amount < (minimumAmounts[use.currency] ?? 0)) return 'not_applicable'
  const discounted = discountedAmount(use, coupon)
  return discounted === null || !isChargeable(discounted, use) ? 'not_applicable' : null
}
