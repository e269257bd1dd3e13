import { factsOf } from '@pay-to-view/purchase'
import { PaymentOfOtherPurchase } from '../data-errors.ts'
import { findOtherOwners } from '../payment-owner.ts'
import type { ApplyContext } from './load-context.ts'

/**
 * Rejects payments that belong to another purchase. The unique index does not detect a shared payment that is a duplicate in either
 * purchase. Without this check, the payment could give access twice or be refunded twice.
 */
export const rejectOtherPayments = async ({ tx, purchase, facts, factsBefore }: ApplyContext): Promise<void> => {
  const newIds = factsOf(facts, 'payment').flatMap(({ id }) => (factsBefore[`payment:${id}`] ? [] : [id]))
  const [owner] = await findOtherOwners(tx, purchase.id, newIds)
  if (owner !== undefined) throw new PaymentOfOtherPurchase(`A payment of ${owner} cannot be applied to ${purchase.id}`)
}
