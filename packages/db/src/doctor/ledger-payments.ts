import { factsOf, noFacts, refundableAmount } from '@pay-to-view/purchase'
import type { Db } from '../client.ts'
import { storedFacts } from '../json-columns.ts'

/** A payment in the facts of a purchase. Amounts are in minor units. */
export interface LedgerPayment {
  purchaseId: string
  id: string
  amount: number
  currency: string
  /** The sum of the payment's active refunds. */
  refunded: number
}

const batchSize = 500

const paymentsIn = ({ id: purchaseId, facts: stored }: { id: string; facts: unknown }): LedgerPayment[] => {
  // Unreadable facts are skipped here; checkPurchases reports them.
  const facts = storedFacts.safeParse(stored).data ?? noFacts
  return factsOf(facts, 'payment')
    .filter(({ status }) => status === 'paid')
    .map(({ id, amount, currency }) => ({
      purchaseId,
      id,
      amount,
      currency,
      refunded: amount - refundableAmount(facts, { id, amount }),
    }))
}

/** Returns a purchase's payments, including payments that do not count. */
export const paymentsOf = async (db: Db, purchaseId: string): Promise<LedgerPayment[]> => {
  const row = await db.purchase.findUnique({ where: { id: purchaseId }, select: { id: true, facts: true } })
  return row ? paymentsIn(row) : []
}

/** Yields the payments of the purchases that were paid at or after a given time, in batches ordered by purchase id. */
export async function* paymentsSince(db: Db, since: Date): AsyncGenerator<LedgerPayment[]> {
  let after = ''
  for (;;) {
    const rows = await db.purchase.findMany({
      where: { id: { gt: after }, completedAt: { gte: since } },
      orderBy: { id: 'asc' },
      take: batchSize,
      select: { id: true, facts: true },
    })
    const last = rows.at(-1)
    if (!last) return
    yield rows.flatMap(paymentsIn)
    after = last.id
  }
}
