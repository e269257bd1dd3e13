import type { Db } from './client.ts'
import type { Prisma } from './generated/client.ts'

/**
 * Returns the other purchases that have one of these payments, either as the payment that counts or as a duplicate or mismatched payment in
 * their facts (index purchases_with_several_payments).
 */
export const findOtherOwners = async (
  db: Db | Prisma.TransactionClient,
  purchaseId: string,
  paymentIntentIds: readonly string[],
): Promise<string[]> => {
  if (paymentIntentIds.length === 0) return []
  const keys = paymentIntentIds.map((id) => `payment:${id}`)
  const owners = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM purchases WHERE external_transaction_id = ANY (${[...paymentIntentIds]}) AND id <> ${purchaseId}
    UNION
    SELECT id FROM purchases
    WHERE jsonb_array_length(payment_keys(facts)) > 1 AND payment_keys(facts) ?| ${keys} AND id <> ${purchaseId}`
  return owners.map(({ id }) => id)
}
