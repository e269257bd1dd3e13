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

const discountOf = ({
  percent_off,
  amount_off,
  currency,
  currency_options,
}: Stripe.Coupon): PromotionCode['coupon']['discount'] =>
  amount_off === null || currency === null
    ? { percentOff: percent_off ?? 0 }
    : {
        amountsOff: {
          ...Object.fromEntries(Object.entries(currency_options ?? {}).map(([other, option]) => [other, option.amount_off])),
          [currency]: amount_off,
        },
      }

const minimumsOf = ({
  minimum_amount: amount,
  minimum_amount_currency: currency,
}: Stripe.PromotionCode.Restrictions): PromotionCode['minimumAmounts'] =>
  amount === null || currency === null ? null : { [currency]: amount }

const toPromotionCode = (promotion: Stripe.PromotionCode): PromotionCode | null => {
  const { coupon } = promotion.promotion
  // The coupon is expanded unless the promotion has a type that this version does not know.
  if (coupon === null || typeof coupon === 'string') return null
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
      discount: discountOf(coupon),
      productIds: productIdsIn(coupon.metadata),
    },
    minimumAmounts: minimumsOf(promotion.restrictions),
  }
}

/** The characters that Stripe allows in promotion codes. Codes with other characters are not looked up. */
const possibleCode = /^[a-z0-9-]+$/i

/** Stripe includes a coupon's amounts in further currencies only on request. */
const expandedFields = ['data.promotion.coupon.currency_options']

export const promotionCodeCalls = (stripe: Stripe) => ({
  /**
   * Returns the promotion code that a buyer types as `code`, ignoring case; null if there is none. For the same text, Stripe allows one
   * active code per customer and one for everyone. The customer's own code takes precedence over the code for everyone, and an active code
   * takes precedence over a newer inactive code.
   */
  findPromotionCode: async (code: string, customerId: string): Promise<PromotionCode | null> => {
    if (!possibleCode.test(code)) return null
    const { data } = await stripe.promotionCodes.list({ code, limit: 100, expand: expandedFields })
    const active = data.filter((promotion) => promotion.active)
    const found =
      active.find(({ customer }) => idOfReference(customer) === customerId) ??
      active.find(({ customer }) => customer === null) ??
      active[0] ??
      data[0]
    return found ? toPromotionCode(found) : null
  },
})
