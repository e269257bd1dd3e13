import { factsOf } from '@pay-to-view/purchase'
import { PaymentOfOtherPurchase } from '../data-errors.ts'
import { findOtherOwners } from '../payment-owner.ts'
import type { ApplyContext } from './load-context.ts'

/**
 * Rejects payments that belong to another purchase. The unique index does not detect such a payment if one of the two purchases has it as a
 * duplicate. It would then give access, or be refunded, a second time.
 */
export const rejectOtherPayments = async ({ tx, purchase, facts, factsBefore }: ApplyContext): Promise<void> => {
  const newIds = factsOf(facts, 'payment').flatMap(({ id }) => (factsBefore[`payment:${id}`] ? [] : [id]))
  const [owner] = await findOtherOwners(tx, purchase.id, newIds)
  if (owner !== undefined) throw new PaymentOfOtherPurchase(`A payment of ${owner} cannot be applied to ${purchase.id}`)
}
