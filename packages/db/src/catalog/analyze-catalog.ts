import type { Db } from '../client.ts'

/** Updates the statistics of the catalog's tables after many changes, so that query plans immediately fit the catalog's new size. */
export const analyzeCatalog = async (db: Db): Promise<void> => {
  await db.$executeRaw`ANALYZE entities, memberships, containments, products, prices, offers`
}
