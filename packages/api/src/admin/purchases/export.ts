import { createCaller } from '../../app-router.ts'
import type { Context } from '../../trpc.ts'
import { csvHead, csvRow } from './csv.ts'

const pageSize = 100

/**
 * Everything that a search finds, as CSV, a page at a time: nothing is gathered, and who reads slowly is waited for. Pages are asked of the
 * procedure itself, so each is checked as a search is. The first is read before this resolves: a refusal comes before any text.
 */
export const exportPurchases = async (
  filter: Record<string, string>,
  context: Context,
): Promise<AsyncGenerator<string, void>> => {
  const { search } = createCaller(context).admin.purchases
  const first = await search({ ...filter, limit: pageSize })
  // One export is one call of the user's, however long it is; each page still waits for its turn.
  const { services } = context
  const uncounted = { ...services, inTurn: <T>(_user: unknown, call: () => Promise<T>) => services.inTurn(null, call) }
  const further = createCaller({ ...context, services: uncounted }).admin.purchases
  const read = (after: { id: string; createdAt: string }) => further.search({ ...filter, after, limit: pageSize })
  return (async function* () {
    for (let page = first, head = csvHead; ; page = await read(page.next), head = '') {
      yield head + page.items.map(csvRow).join('')
      if (!page.next) return
    }
  })()
}
