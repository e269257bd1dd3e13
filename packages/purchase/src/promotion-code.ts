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
    /**
     * The ids of the products to which the coupon applies, from `payToViewProductIds` in the coupon's metadata, where they are separated by
     * commas or spaces. Null if the coupon applies to all products.
     */
    productIds: readonly string[] | null
  }
  /** The minimum amount in the code's main currency. Stripe may also have minimum amounts in other currencies. */
  minimumAmount: { amount: number; currency: string } | null
}

export const promotionCodeRejections = ['unknown', 'expired', 'used_up', 'not_applicable'] as const
export type PromotionCodeRejection = (typeof promotionCodeRejections)[number]

export interface PromotionCodeUse {
  productId: string
  stripeCustomerId: string
  /** The amount in minor units. */
  amount: number
  currency: string
  now: Date
}

const isUsedUp = ({ timesRedeemed, maxRedemptions }: { timesRedeemed: number; maxRedemptions: number | null }): boolean =>
  maxRedemptions !== null && timesRedeemed >= maxRedemptions

/**
 * Returns why a promotion code cannot be used for a purchase, or null if there is no known reason. Stripe checks the other conditions when
 * the session is created and paid: a restriction to first purchases, a minimum in another currency, and the remaining redemptions.
 */
export const rejectPromotionCode = (promotion: PromotionCode | null, use: PromotionCodeUse): PromotionCodeRejection | null => {
  if (promotion === null) return 'unknown'
  const { coupon, minimumAmount } = promotion
  const now = use.now.getTime() / 1000
  if ([promotion.expiresAt, coupon.redeemBy].some((end) => end !== null && end <= now)) return 'expired'
  if (isUsedUp(promotion) || isUsedUp(coupon)) return 'used_up'
  if (!promotion.active || !coupon.valid) return 'expired'
  if (promotion.customerId !== null && promotion.customerId !== use.stripeCustomerId) return 'not_applicable'
  if (coupon.productIds !== null && !coupon.productIds.includes(use.productId)) return 'not_applicable'
  const isBelowMinimum = minimumAmount?.currency === use.currency && use.amount < minimumAmount.amount
  return isBelowMinimum ? 'not_applicable' : null
}
