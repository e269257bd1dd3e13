import { SYSTEM_ACTOR } from '@pay-to-view/purchase'
import { WITHDRAWAL_ACTOR } from './withdrawal/actor.ts'

export const apiKeyIdPattern = /^key_[0-7][0-9a-hjkmnp-tv-z]{25}$/

/**
 * Whether a user with this id could be mistaken for an API key or for pay-to-view itself, in the audit log or by the rules that depend on
 * who requested a refund.
 */
export const isReservedActor = (userId: string): boolean =>
  userId === SYSTEM_ACTOR || userId === WITHDRAWAL_ACTOR || apiKeyIdPattern.test(userId)
