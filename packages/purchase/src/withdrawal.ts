import { decideRefund, type RefundDecision, type RefundRejection } from './decide-refund.ts'
import type { Facts } from './facts.ts'
import { secondsPerDay } from './grant.ts'
import type { Settlement } from './project.ts'

/** Why a buyer cannot withdraw from a purchase. */
export const withdrawalRefusals = [
  /** CONSENT is off. */
  'not_offered',
  /** The buyer has withdrawn before. */
  'withdrawn',
  'not_paid',
  'already_refunded',
  /** The payment is disputed or was charged back, so the bank decides about the money. */
  'disputed',
  /** With consent, the first playback ends the right. */
  'played',
  'too_late',
] as const
export type WithdrawalRefusal = (typeof withdrawalRefusals)[number]

/** The facts that decide whether a buyer may withdraw. */
export interface WithdrawalFacts {
  /** CONSENT=eu. */
  isOffered: boolean
  withdrawnAt: Date | null
  facts: Facts
  settlement: Settlement | null
  /** The payment, or the completion of a free order. */
  paidAt: Date | null
  /** Whether the consent is stored with the purchase. */
  hasConsent: boolean
  /** The first playback of the grant, by its entity or by a member of it. */
  firstPlayedAt: Date | null
}

export type WithdrawalDecision =
  | { possible: true; until: Date; refund: Exclude<RefundDecision, { rejected: string }> }
  /** `until` is null if there is no period, as without a payment. */
  | { possible: false; reason: WithdrawalRefusal; until: Date | null }

/** Directive 2011/83/EU, article 9: 14 days. */
export const withdrawalDays = 14

/** Article 10: how many months longer the period is if the buyer was not informed, or has not consented. */
const monthsWithoutConsent = 12

/** The same time of day a number of months later, or that of the last day of a shorter month. */
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

/** A request for the whole remaining amount is never too large. */
const refusals = {
  not_paid: 'not_paid',
  already_refunded: 'already_refunded',
  amount_too_large: 'already_refunded',
  disputed: 'disputed',
  charged_back: 'disputed',
} as const satisfies Record<RefundRejection, WithdrawalRefusal>

/** Decides whether a buyer may withdraw from a purchase now, and what is refunded then: everything that is left of the payment. */
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
