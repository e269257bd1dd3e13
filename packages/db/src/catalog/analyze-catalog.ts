import type { Db } from '../client.ts'

/** Updates Postgres's statistics of the catalog tables after many changes, so query plans fit the new size of the catalog immediately. */
export const analyzeCatalog = async (db: Db): Promise<void> => {
  await db.$executeRaw`ANALYZE entities, memberships, containments, products, prices, offers`
}
