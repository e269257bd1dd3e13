import { problemOf } from '@pay-to-view/client'

type Problem = NonNullable<ReturnType<typeof problemOf>>

const promotionCodeReasons = ['unknown', 'expired', 'used_up', 'not_applicable'] as const satisfies Problem['reason'][]

/** Why a promotion code cannot be used. */
export type PromotionCodeReason = (typeof promotionCodeReasons)[number]

/** Why the server rejected a `buy` call that the user can correct: by choosing another currency or code, or by checking the missing boxes. */
export type PurchaseRejection =
  /** `currencies` lists the currencies in which the product has a price. */
  | { code: 'currency_not_offered'; currencies: string[] }
  | { code: 'promotion_code_invalid'; reason: PromotionCodeReason }
  /** The buyer must first check the acknowledgments (`useConsent`). */
  | { code: 'consent_required' }

/** Returns why the server rejected the call, or null for any other error. */
export const purchaseRejection = (error: unknown): PurchaseRejection | null => {
  const problem = problemOf(error)
  if (problem?.code === 'currency_not_offered') return { code: problem.code, currencies: problem.currencies ?? [] }
  if (problem?.code === 'promotion_code_invalid') {
    const reason = promotionCodeReasons.find((known) => known === problem.reason)
    return { code: problem.code, reason: reason ?? 'not_applicable' }
  }
  if (problem?.code === 'consent_required') return { code: problem.code }
  return null
}
