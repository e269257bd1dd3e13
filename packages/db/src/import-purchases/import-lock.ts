import type { Prisma } from '../generated/client.ts'

type Tx = Prisma.TransactionClient

/** Marks the transaction as an import of purchases. Imports do not wait for each other. */
export const lockImport = async (tx: Tx): Promise<void> => {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock_shared(hashtextextended('import-purchases', 0))`
}

/**
 * Waits until the running imports are committed, and blocks new ones until the transaction ends: the next statements see all imported
 * purchases, and later imports see what this transaction has written.
 */
export const waitForImports = async (tx: Tx): Promise<void> => {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('import-purchases', 0))`
}
