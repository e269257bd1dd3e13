import { factsOf, refundableAmount } from '@pay-to-view/purchase'
import type { Db } from '../client.ts'
import { storedFacts } from '../json-columns.ts'

/** A payment as the ledger has it: minor units. */
export interface LedgerPayment {
  purchaseId: string
  id: string
  amount: number
  currency: string
  /** What the refunds that stand add up to. */
  refunded: number
}

const batch = 500

const paymentsIn = ({ id: purchaseId, facts: stored }: { id: string; facts: unknown }): LedgerPayment[] => {
  const facts = storedFacts.parse(stored)
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

/** The payments of a purchase, those that do not count as well. */
export const paymentsOf = async (db: Db, purchaseId: string): Promise<LedgerPayment[]> => {
  const row = await db.purchase.findUnique({ where: { id: purchaseId }, select: { id: true, facts: true } })
  return row ? paymentsIn(row) : []
}

/** Those of every purchase that was paid since a time, page by page, in the order of the purchases' ids. */
export async function* paymentsSince(db: Db, since: Date): AsyncGenerator<LedgerPayment[]> {
  let after = ''
  for (;;) {
    const rows = await db.purchase.findMany({
      where: { id: { gt: after }, completedAt: { gte: since } },
      orderBy: { id: 'asc' },
      take: batch,
      select: { id: true, facts: true },
    })
    const last = rows.at(-1)
    if (!last) return
    yield rows.flatMap(paymentsIn)
    after = last.id
  }
}
