import type { PromotionCode } from '@pay-to-view/purchase'
import type Stripe from 'stripe'
import { idOfReference } from '../snapshots.ts'

/**
 * The key in a coupon's metadata for the products that the coupon applies to. Stripe's `applies_to` supports only products that are stored
 * in Stripe.
 */
export const couponProductsKey = 'payToViewProductIds'

const productIdsIn = (metadata: Stripe.Metadata | null): string[] | null => {
  const ids = metadata?.[couponProductsKey]?.split(/[\s,]+/).filter((id) => id !== '') ?? []
  return ids.length === 0 ? null : ids
}

const toPromotionCode = (promotion: Stripe.PromotionCode): PromotionCode | null => {
  const { coupon } = promotion.promotion
  // The coupon is expanded unless the promotion has a type that this version does not know.
  if (coupon === null || typeof coupon === 'string') return null
  const { minimum_amount: minimum, minimum_amount_currency: currency } = promotion.restrictions
  return {
    id: promotion.id,
    code: promotion.code,
    active: promotion.active,
    expiresAt: promotion.expires_at,
    timesRedeemed: promotion.times_redeemed,
    maxRedemptions: promotion.max_redemptions,
    customerId: idOfReference(promotion.customer),
    coupon: {
      valid: coupon.valid,
      redeemBy: coupon.redeem_by,
      timesRedeemed: coupon.times_redeemed,
      maxRedemptions: coupon.max_redemptions,
      productIds: productIdsIn(coupon.metadata),
    },
    minimumAmount: minimum === null || currency === null ? null : { amount: minimum, currency },
  }
}

/** The characters that Stripe allows in promotion codes. Codes with other characters are not looked up. */
const possibleCode = /^[a-z0-9-]+$/i

export const promotionCodeCalls = (stripe: Stripe) => ({
  /**
   * Returns the promotion code that a buyer types as `code`, ignoring case; null if there is none. For the same text, Stripe allows one
   * active code per customer and one for everyone. The customer's own code takes precedence over the code for everyone, and an active code
   * takes precedence over a newer inactive code.
   */
  findPromotionCode: async (code: string, customerId: string): Promise<PromotionCode | null> => {
    if (!possibleCode.test(code)) return null
    const { data } = await stripe.promotionCodes.list({ code, limit: 100, expand: ['data.promotion.coupon'] })
    const active = data.filter((promotion) => promotion.active)
    const found =
      active.find(({ customer }) => idOfReference(customer) === customerId) ??
      active.find(({ customer }) => customer === null) ??
      active[0] ??
      data[0]
    return found ? toPromotionCode(found) : null
  },
})
