import { SYSTEM_ACTOR } from './json-columns.ts'
import { WITHDRAWAL_ACTOR } from './withdrawal/actor.ts'

/** Matches the ids of API keys. */
export const apiKeyIdPattern = /^key_[0-7][0-9a-hjkmnp-tv-z]{25}$/

/** Whether a user with this id could be mistaken for an API key or for this product, in the audit log and by the rules about who requested a refund. */
export const isReservedActor = (userId: string): boolean =>
  userId === SYSTEM_ACTOR || userId === WITHDRAWAL_ACTOR || apiKeyIdPattern.test(userId)
