import { factsOf } from '@pay-to-view/purchase'
import { PaymentOfOtherPurchase } from '../data-errors.ts'
import { findOtherOwners } from '../payment-owner.ts'
import type { ApplyContext } from './load-context.ts'

/**
 * A payment belongs to one purchase. The unique index would not notice another purchase's if one of the two has it as a duplicate, and it would be
 * refunded, or give access, for a second time.
 */
export const rejectOtherPayments = async ({ tx, purchase, facts, factsBefore }: ApplyContext): Promise<void> => {
  const newIds = factsOf(facts, 'payment').flatMap(({ id }) => (factsBefore[`payment:${id}`] ? [] : [id]))
  const [owner] = await findOtherOwners(tx, purchase.id, newIds)
  if (owner !== undefined) throw new PaymentOfOtherPurchase(`A payment of ${owner} cannot be applied to ${purchase.id}`)
}
