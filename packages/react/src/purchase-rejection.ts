import { problemOf } from '@pay-to-view/client'

type Problem = NonNullable<ReturnType<typeof problemOf>>

/** Why a promotion code cannot be used. */
export type PromotionCodeReason = NonNullable<Problem['reason']>

/** A currency or code that `buy` requested and the product does not allow. The user can choose another currency or code. */
export type PurchaseRejection =
  /** `currencies` are those in which the product has a price. */
  { code: 'currency_not_offered'; currencies: string[] } | { code: 'promotion_code_invalid'; reason: PromotionCodeReason }

/** Returns what the server rejected, or null for every other error. */
export const purchaseRejection = (error: unknown): PurchaseRejection | null => {
  const problem = problemOf(error)
  if (problem?.code === 'currency_not_offered') return { code: problem.code, currencies: problem.currencies ?? [] }
  if (problem?.code === 'promotion_code_invalid') return { code: problem.code, reason: problem.reason ?? 'not_applicable' }
  return null
}
