import { z } from 'zod'
import { createCaller } from '../../app-router.ts'
import type { CallLane, Context } from '../../trpc.ts'
import { byteOrderMark, divideQuery, markOf, readOptions } from '../export-query.ts'
import { csvHeader, csvRow } from './csv.ts'
import { filter } from './search.ts'

const pageSize = 100

const options = z.strictObject({ byteOrderMark })

/** The export's query parameters. */
export const exportQuery = filter.extend(options.shape)

/**
 * Streams all results of a search as CSV, page by page, at the reader's pace. Each page is read with the search procedure, which
 * checks permissions and limits. The first page is read before the promise resolves, so an error is thrown before any output.
 */
export const exportPurchases = async (
  query: Readonly<Record<string, string>>,
  context: Context,
): Promise<AsyncGenerator<string, void>> => {
  const { filter: filters, others } = divideQuery(query, filter)
  const { search } = createCaller(context).admin.purchases
  const first = await search({ ...filters, limit: pageSize })
  const mark = markOf(readOptions(options, others))
  // An export counts as one call toward the caller's rate limit. The concurrency limit applies to every page.
  const { services } = context
  const uncounted = {
    ...services,
    withLimit: <T>(lane: CallLane, _caller: unknown, call: () => Promise<T>) => services.withLimit(lane, null, call),
  }
  const followUp = createCaller({ ...context, services: uncounted }).admin.purchases
  const read = (after: { id: string; createdAt: string }) => followUp.search({ ...filters, after, limit: pageSize })
  return (async function* () {
    for (let page = first, header = mark + csvHeader; ; page = await read(page.next), header = '') {
      yield header + page.items.map(csvRow).join('')
      if (!page.next) return
    }
  })()
}
