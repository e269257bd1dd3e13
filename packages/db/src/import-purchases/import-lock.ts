import type { Prisma } from '../generated/client.ts'

type Tx = Prisma.TransactionClient

/** Marks the transaction as an import of purchases. Imports do not wait for each other. */
export const lockImport = async (tx: Tx): Promise<void> => {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock_shared(hashtextextended('import-purchases', 0))`
}

/**
 * Blocks imports until the transaction ends. The transaction's next statements see all imported purchases, and later imports see the
 * transaction's writes. If an import is running, returns false without waiting.
 */
export const blockImports = async (tx: Tx): Promise<boolean> => {
  const [row] = await tx.$queryRaw<{ locked: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(hashtextextended('import-purchases', 0)) AS locked`
  return row?.locked ?? false
}
