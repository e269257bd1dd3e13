/** A promotion code and its coupon, as Stripe has them now. Times are seconds since the epoch. */
export interface PromotionCode {
  id: string
  code: string
  active: boolean
  expiresAt: number | null
  timesRedeemed: number
  maxRedemptions: number | null
  /** Only this Stripe customer may use it. */
  customerId: string | null
  coupon: {
    /** False once the coupon can no longer be redeemed (Stripe's `valid`). */
    valid: boolean
    redeemBy: number | null
    timesRedeemed: number
    maxRedemptions: number | null
    /** The products that it applies to: ids separated by commas or spaces in the coupon's metadata `payToViewProductIds`. Null: to all. */
    productIds: readonly string[] | null
  }
  /** Stripe may have minimums in other currencies too. */
  minimumAmount: { amount: number; currency: string } | null
}

export const promotionCodeRejections = ['unknown', 'expired', 'used_up', 'not_applicable'] as const
export type PromotionCodeRejection = (typeof promotionCodeRejections)[number]

export interface PromotionCodeUse {
  productId: string
  stripeCustomerId: string
  /** Minor units. */
  amount: number
  currency: string
  now: Date
}

const isUsedUp = ({ timesRedeemed, maxRedemptions }: { timesRedeemed: number; maxRedemptions: number | null }): boolean =>
  maxRedemptions !== null && timesRedeemed >= maxRedemptions

/**
 * Says why a promotion code cannot be used for a purchase; null if Stripe can decide. Stripe checks the rest when the session is created and
 * when it is paid: a first purchase, a minimum in another currency, and whether a redemption is left.
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
