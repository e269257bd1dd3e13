import { waitFor } from '@pay-to-view/devstack/wait'
import type { Db } from '../src/index.ts'

/**
 * Runs `first` in a transaction, then starts `second`, and commits the transaction once `second` waits for it. Returns the result of
 * `second`.
 */
export const commitBefore = async <T>(
  db: Db,
  first: string,
  parameters: readonly string[],
  second: () => Promise<T>,
): Promise<T> => {
  const isWaiting = async (): Promise<boolean> => {
    const rows = await db.$queryRaw<object[]>`
      SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event <> 'advisory'`
    return rows.length > 0
  }
  let result: Promise<T> | undefined
  await db.$transaction(
    async (tx) => {
      await tx.$executeRawUnsafe(first, ...parameters)
      result = second()
      const failure = result.then(() => new Promise<never>(() => undefined))
      await Promise.race([waitFor('the second writer to wait for the first', isWaiting, { timeoutMs: 10_000 }), failure])
    },
    { timeout: 20_000 },
  )
  if (!result) throw new Error('The second writer did not start')
  return result
}
