import { type PurchaseTerms, project } from '@pay-to-view/purchase'
import { lockUsers } from '../access.ts'
import type { Db } from '../client.ts'
import { purchaseTerms, storedFacts } from '../json-columns.ts'
import { recordManySales } from './record-sales.ts'

/**
 * Updates the sales entries of purchases from the facts and balance transactions, in one transaction under the users' locks. Purchases with
 * unreadable facts are skipped, because the doctor reports them.
 */
export const updateSales = (db: Db, ids: readonly string[]): Promise<void> =>
  db.$transaction(
    async (tx) => {
      const where = { id: { in: [...ids] } }
      const owners = await tx.purchase.findMany({ where, select: { userId: true } })
      await lockUsers(
        tx,
        owners.map(({ userId }) => userId),
      )
      const purchases = (await tx.purchase.findMany({ where })).flatMap((row) => {
        const { data: facts } = storedFacts.safeParse(row.facts)
        const terms: PurchaseTerms = purchaseTerms(row)
        return facts
          ? [{ id: row.id, entityId: row.entityId, productId: row.productId, facts, terms, projection: project(facts, terms) }]
          : []
      })
      await recordManySales(tx, purchases)
    },
    { maxWait: 10_000, timeout: 60_000 },
  )
