import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'

/**
 * Locks the catalog until the transaction ends. All changes to entities, memberships, products and offers take this lock, so they are
 * serialized: the last write replaces the whole object, and memberships never form a cycle. Reads and purchases do not wait for this lock.
 */
export const lockCatalog = async (tx: Prisma.TransactionClient): Promise<void> => {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('catalog', 0))`
}

/** A batch of 1,000 items takes a fraction of a second but may have to wait for other batches. */
export const catalogTransaction = { timeout: 60_000, maxWait: 10_000 } as const

class DryRun extends Error {
  override name = 'DryRun'
}

/** Runs catalog changes in one transaction under the catalog's lock. A dry run is rolled back after its result is known. */
export const inCatalogTransaction = async <T>(
  db: Db,
  run: (tx: Prisma.TransactionClient) => Promise<T>,
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<T> => {
  const results: T[] = []
  try {
    return await db.$transaction(async (tx) => {
      await lockCatalog(tx)
      const result = await run(tx)
      if (!dryRun) return result
      results.push(result)
      throw new DryRun()
    }, catalogTransaction)
  } catch (error) {
    const [result] = results
    if (error instanceof DryRun && result !== undefined) return result
    throw error
  }
}
