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

/** The delay before an unknown code is looked up in Stripe again. The delay is short, because an operator may create the code in the meantime. */
const unknownCodeLifetimeMs = 20_000
const maxUnknownCodes = 1_000

type FindPromotionCode = StripeGateway['findPromotionCode']

/**
 * Returns a lookup that caches unknown codes, so repeated lookups of such a code do not call Stripe. Known codes are read from Stripe every
 * time.
 */
export const rememberUnknownCodes = (find: FindPromotionCode, now: () => number = Date.now): FindPromotionCode => {
  /** For each unknown code, the time at which it may be looked up again. */
  const unknown = new Map<string, number>()
  return async (code, customerId) => {
    const key = code.toLowerCase()
    if ((unknown.get(key) ?? 0) > now()) return null
    const found = await find(code, customerId)
    unknown.delete(key)
    // A Map iterates in insertion order, so the first code is the oldest.
    const [oldest] = unknown.size < maxUnknownCodes ? [] : unknown.keys()
    if (oldest !== undefined) unknown.delete(oldest)
    if (found === null) unknown.set(key, now() + unknownCodeLifetimeMs)
    return found
  }
}

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
