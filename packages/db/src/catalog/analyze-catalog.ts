import type { Db } from '../client.ts'

/** Updates the statistics of the catalog's tables after many changes, so that servers use plans for its new size immediately. */
export const analyzeCatalog = async (db: Db): Promise<void> => {
  await db.$executeRaw`ANALYZE entities, memberships, containments, products, prices, offers`
}
