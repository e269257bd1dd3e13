import { PrismaPg } from '@prisma/adapter-pg'
import type { Transaction } from '@prisma/driver-adapter-utils'

/** Makes a transaction run its statements one after another, in the order in which they were started. */
const inSequence = (tx: Transaction): Transaction => {
  let last: Promise<unknown> = Promise.resolve()
  const next = <T>(run: () => Promise<T>): Promise<T> => {
    const result = last.then(run, run)
    last = result
    return result
  }
  const [queryRaw, executeRaw] = [tx.queryRaw.bind(tx), tx.executeRaw.bind(tx)]
  tx.queryRaw = (query) => next(() => queryRaw(query))
  tx.executeRaw = (query) => next(() => executeRaw(query))
  return tx
}

/**
 * Prisma's adapter for pg, with sequential statements in transactions. Prisma reads several relations of a row concurrently, even on the
 * single connection of a transaction. pg warns about concurrent statements on one connection, and its next version rejects them.
 */
export class SequentialPrismaPg extends PrismaPg {
  override async connect(): ReturnType<PrismaPg['connect']> {
    const adapter = await super.connect()
    const startTransaction = adapter.startTransaction.bind(adapter)
    adapter.startTransaction = async (isolationLevel) => inSequence(await startTransaction(isolationLevel))
    return adapter
  }
}
