import { SYSTEM_ACTOR } from '@pay-to-view/purchase'
import { WITHDRAWAL_ACTOR } from './withdrawal/actor.ts'

/** Matches the ids of API keys. */
export const apiKeyIdPattern = /^key_[0-7][0-9a-hjkmnp-tv-z]{25}$/

/**
 * Whether the audit log, or the rules about who requested a refund, could mistake a user with this id for an API key or for pay-to-view
 * itself.
 */
export const isReservedActor = (userId: string): boolean =>
  userId === SYSTEM_ACTOR || userId === WITHDRAWAL_ACTOR || apiKeyIdPattern.test(userId)
