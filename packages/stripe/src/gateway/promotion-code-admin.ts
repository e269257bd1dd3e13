import { randomUUID } from 'node:crypto'
import type Stripe from 'stripe'
import { idempotencyKey, idempotentWrite } from './idempotent-write.ts'
import { listPages } from './pagination.ts'
import { couponProductsKey } from './promotion-codes.ts'

/** A promotion code with its coupon. */
export interface NewPromotionCode {
  code: string
  /** Amounts are in minor units. */
  discount: { percentOff: number } | { amountOff: number; currency: string }
  /** Null for an unlimited number. */
  maxRedemptions: number | null
  /** Seconds since the epoch; null if the code does not expire. */
  expiresAt: number | null
  firstPurchaseOnly: boolean
  minimum: { amount: number; currency: string } | null
  /** The products that the code applies to. If the list is empty, the code applies to all products. */
  productIds: readonly string[]
}

const couponParams = ({ discount, productIds }: NewPromotionCode): Stripe.CouponCreateParams => ({
  ...('percentOff' in discount
    ? { percent_off: discount.percentOff }
    : { amount_off: discount.amountOff, currency: discount.currency }),
  duration: 'once',
  metadata: productIds.length === 0 ? {} : { [couponProductsKey]: productIds.join(',') },
})

const codeParams = (
  { code, maxRedemptions, expiresAt, firstPurchaseOnly, minimum }: NewPromotionCode,
  coupon: string,
): Stripe.PromotionCodeCreateParams => ({
  promotion: { type: 'coupon', coupon },
  code,
  ...(maxRedemptions !== null && { max_redemptions: maxRedemptions }),
  ...(expiresAt !== null && { expires_at: expiresAt }),
  ...((firstPurchaseOnly || minimum !== null) && {
    restrictions: {
      ...(firstPurchaseOnly && { first_time_transaction: true }),
      ...(minimum !== null && { minimum_amount: minimum.amount, minimum_amount_currency: minimum.currency }),
    },
  }),
})

const expandCoupon = ['data.promotion.coupon']

export const promotionCodeAdminCalls = (stripe: Stripe) => ({
  /** Yields the promotion codes with their coupons page by page, newest first; `code` restricts the result to codes with this text. */
  listPromotionCodes: (filter: { active?: true; code?: string }): AsyncGenerator<Stripe.PromotionCode[]> =>
    listPages((page) => stripe.promotionCodes.list({ ...filter, limit: 100, expand: expandCoupon, ...page })),

  /**
   * Creates a coupon and its code. The idempotency keys contain `earlier`, the ids of earlier codes with the same text, so repeating an
   * interrupted call creates nothing twice, but a code can be created again after its deactivation.
   */
  createPromotionCode: async (promotion: NewPromotionCode, earlier: readonly string[]): Promise<Stripe.PromotionCode> => {
    const keyParts = [JSON.stringify(promotion), ...earlier]
    const { id } = await idempotentWrite(['coupon', ...keyParts], (idempotencyKey) =>
      stripe.coupons.create(couponParams(promotion), { idempotencyKey }),
    )
    return idempotentWrite(['promotion code', ...keyParts], (idempotencyKey) =>
      stripe.promotionCodes.create(codeParams(promotion, id), { idempotencyKey }),
    )
  },

  /**
   * Deactivates a code. Checkouts that already use the code keep the discount. Each call has its own idempotency key, because a code that
   * was activated again in Stripe's dashboard has to be deactivated again.
   */
  deactivatePromotionCode: async (id: string): Promise<void> => {
    await stripe.promotionCodes.update(id, { active: false }, { idempotencyKey: idempotencyKey('deactivate', id, randomUUID()) })
  },
})
