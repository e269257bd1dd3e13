import { factsOf } from '@pay-to-view/purchase'
import { PaymentOfOtherPurchase } from '../data-errors.ts'
import type { ApplyContext } from './load-context.ts'

/**
 * A payment belongs to one purchase. If this purchase already has a payment of its own, the unique index would not notice another purchase's, and
 * it would be refunded as a duplicate.
 */
export const rejectOtherPayments = async ({ tx, purchase, facts, factsBefore }: ApplyContext): Promise<void> => {
  const newIds = factsOf(facts, 'payment').flatMap(({ id }) => (factsBefore[`payment:${id}`] ? [] : [id]))
  if (newIds.length === 0) return
  const owner = await tx.purchase.findFirst({
    where: { externalTransactionId: { in: newIds }, id: { not: purchase.id } },
    select: { id: true },
  })
  if (owner) throw new PaymentOfOtherPurchase(`A payment of ${owner.id} cannot be applied to ${purchase.id}`)
}
