import { createCaller } from '../../app-router.ts'
import type { Context } from '../../trpc.ts'
import { csvHeader, csvRow } from './csv.ts'

const pageSize = 100

/**
 * Streams all results of a search as CSV, page by page, at the pace of the reader. Each page is a call of the search procedure, with its checks.
 * The first page is read before this resolves, so that an error is thrown before any output.
 */
export const exportPurchases = async (
  filter: Record<string, string>,
  context: Context,
): Promise<AsyncGenerator<string, void>> => {
  const { search } = createCaller(context).admin.purchases
  const first = await search({ ...filter, limit: pageSize })
  // An export counts as one call of the user; each further page is still subject to the concurrency limit.
  const { services } = context
  const uncounted = { ...services, withLimit: <T>(_user: unknown, call: () => Promise<T>) => services.withLimit(null, call) }
  const followUp = createCaller({ ...context, services: uncounted }).admin.purchases
  const read = (after: { id: string; createdAt: string }) => followUp.search({ ...filter, after, limit: pageSize })
  return (async function* () {
    for (let page = first, header = csvHeader; ; page = await read(page.next), header = '') {
      yield header + page.items.map(csvRow).join('')
      if (!page.next) return
    }
  })()
}
