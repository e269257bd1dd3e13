import { decideRefund, type RefundDecision, type RefundRejection } from './decide-refund.ts'
import type { Facts } from './facts.ts'
import { secondsPerDay } from './grant.ts'
import type { Settlement } from './project.ts'

/** Why a buyer cannot withdraw from a purchase. */
export const withdrawalRefusals = [
  /** The site does not offer withdrawals, because CONSENT is off. */
  'not_offered',
  /** The buyer has already withdrawn. */
  'withdrawn',
  'not_paid',
  'already_refunded',
  /** The payment is disputed or was charged back, so the bank decides about the money. */
  'disputed',
  /** With consent, the first playback ends the right of withdrawal. */
  'played',
  'too_late',
] as const
export type WithdrawalRefusal = (typeof withdrawalRefusals)[number]

/** The facts that decide whether a buyer may withdraw. */
export interface WithdrawalFacts {
  /** Whether the site offers withdrawals (CONSENT=eu). */
  isOffered: boolean
  withdrawnAt: Date | null
  facts: Facts
  settlement: Settlement | null
  /** When the purchase was paid, or when a free order was completed. */
  paidAt: Date | null
  /** Whether the buyer's consent is stored with the purchase. */
  hasConsent: boolean
  /** When the grant's entity, or a member of it, was first played. */
  firstPlayedAt: Date | null
}

export type WithdrawalDecision =
  | { possible: true; until: Date; refund: Exclude<RefundDecision, { rejected: string }> }
  /** `until` is null if there is no withdrawal period, for example without a payment. */
  | { possible: false; reason: WithdrawalRefusal; until: Date | null }

/** The withdrawal period in days: Directive 2011/83/EU, article 9. */
export const withdrawalDays = 14

/** Article 10: the number of months by which the period is extended if the buyer was not informed or has not consented. */
const monthsWithoutConsent = 12

/** The same day and time a number of months later, or the last day of a shorter month. */
const addMonths = (date: Date, months: number): Date => {
  const moved = new Date(date)
  moved.setUTCMonth(date.getUTCMonth() + months)
  if (moved.getUTCDate() !== date.getUTCDate()) moved.setUTCDate(0)
  return moved
}

/** The last moment at which a buyer may withdraw, if nothing else ends the right before. */
export const withdrawalEnd = (paidAt: Date, hasConsent: boolean): Date => {
  const from = hasConsent ? paidAt : addMonths(paidAt, monthsWithoutConsent)
  return new Date(from.getTime() + withdrawalDays * secondsPerDay * 1_000)
}

/**
 * Maps reasons against a refund to reasons against a withdrawal. `amount_too_large` cannot occur, because the whole remaining amount is
 * requested.
 */
const refusals = {
  not_paid: 'not_paid',
  already_refunded: 'already_refunded',
  amount_too_large: 'already_refunded',
  disputed: 'disputed',
  charged_back: 'disputed',
} as const satisfies Record<RefundRejection, WithdrawalRefusal>

/**
 * Whether the first playback of a purchase that gives access ends the right of withdrawal: only with consent, and only as long as the buyer
 * may still withdraw.
 */
export const playbackEndsWithdrawal = (
  {
    isOffered,
    hasConsent,
    firstPlayedAt,
    paidAt,
  }: Pick<WithdrawalFacts, 'isOffered' | 'hasConsent' | 'firstPlayedAt' | 'paidAt'>,
  now: Date,
): boolean => isOffered && hasConsent && firstPlayedAt === null && paidAt !== null && now <= withdrawalEnd(paidAt, hasConsent)

/** Decides whether a buyer may withdraw from a purchase now, and the refund: the whole remaining amount of the payment. */
export const decideWithdrawal = (
  { isOffered, withdrawnAt, facts, settlement, paidAt, hasConsent, firstPlayedAt }: WithdrawalFacts,
  now: Date,
): WithdrawalDecision => {
  if (!isOffered) return { possible: false, reason: 'not_offered', until: null }
  const until = paidAt && withdrawalEnd(paidAt, hasConsent)
  const refuse = (reason: WithdrawalRefusal): WithdrawalDecision => ({ possible: false, reason, until })
  if (withdrawnAt !== null) return refuse('withdrawn')
  const refund = decideRefund(facts, settlement, undefined)
  if ('rejected' in refund) return refuse(refusals[refund.rejected])
  if (until === null) return refuse('not_paid')
  if (hasConsent && firstPlayedAt !== null) return refuse('played')
  return now > until ? refuse('too_late') : { possible: true, until, refund }
}
