import {
  type AllowedDiscount,
  type PromotionCode,
  type PromotionCodeRejection,
  type PromotionCodeUse,
  rejectPromotionCode,
} from '@pay-to-view/purchase'
import type { StripeGateway } from '@pay-to-view/stripe'
import { ApiError } from '../../errors.ts'

const messages: Record<PromotionCodeRejection, string> = {
  unknown: 'The code is unknown',
  expired: 'The code has expired',
  used_up: 'The code has been used up',
  not_applicable: 'The code does not apply to this purchase',
}

export const promotionCodeError = (reason: PromotionCodeRejection): ApiError =>
  new ApiError('promotion_code_invalid', { field: 'promotionCode', message: messages[reason], extensions: { reason } })

type FindPromotionCode = StripeGateway['findPromotionCode']

export type DiscountLookup = (allowPromotionCodes: boolean, use: Omit<PromotionCodeUse, 'now'>) => Promise<AllowedDiscount>

/**
 * Returns a function that decides which discount a purchase allows. It throws `promotion_code_invalid` for a code that cannot be used. The code is
 * looked up in Stripe only once, even if creating the purchase takes several attempts.
 */
export const createDiscountLookup = (find: FindPromotionCode, code: string | undefined): DiscountLookup => {
  let lookup: ReturnType<FindPromotionCode> | null = null
  return async (allowPromotionCodes, use) => {
    if (code === undefined) return { kind: allowPromotionCodes ? 'any' : 'none' }
    if (!allowPromotionCodes) throw promotionCodeError('not_applicable')
    lookup ??= find(code, use.stripeCustomerId)
    return acceptPromotionCode(await lookup, use)
  }
}

const acceptPromotionCode = (promotion: PromotionCode | null, use: Omit<PromotionCodeUse, 'now'>): AllowedDiscount => {
  const rejection = rejectPromotionCode(promotion, { ...use, now: new Date() })
  if (rejection !== null || promotion === null) throw promotionCodeError(rejection ?? 'unknown')
  return { kind: 'code', promotionCodeId: promotion.id, code: promotion.code }
}
