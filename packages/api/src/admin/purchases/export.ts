import { z } from 'zod'
import { createCaller } from '../../app-router.ts'
import { ApiError } from '../../errors.ts'
import type { CallLane, Context } from '../../trpc.ts'
import { csvHeader, csvRow } from './csv.ts'
import { filter } from './search.ts'

const pageSize = 100

/**
 * The export's query parameters. Excel needs a byte-order mark to read the file as UTF-8, but other programs read the mark as part of the
 * first column's name, so the mark is off by default. The back office requests it.
 */
export const exportQuery = filter.extend({
  byteOrderMark: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: 'Begin with a byte-order mark, which Excel needs to detect UTF-8' }),
})

const readByteOrderMark = (value: string | undefined): string => {
  const { data } = exportQuery.shape.byteOrderMark.safeParse(value)
  if (!data) throw new ApiError('validation', { field: 'byteOrderMark', message: 'Expected true or false' })
  return data === 'true' ? '\uFEFF' : ''
}

/**
 * Streams all results of a search as CSV, page by page, at the reader's pace. Each page is read with the search procedure, which
 * checks permissions and limits. The first page is read before the promise resolves, so an error is thrown before any output.
 */
export const exportPurchases = async (
  { byteOrderMark, ...filter }: Record<string, string>,
  context: Context,
): Promise<AsyncGenerator<string, void>> => {
  const mark = readByteOrderMark(byteOrderMark)
  const { search } = createCaller(context).admin.purchases
  const first = await search({ ...filter, limit: pageSize })
  // An export counts as one call toward the caller's rate limit. The concurrency limit applies to every page.
  const { services } = context
  const uncounted = {
    ...services,
    withLimit: <T>(lane: CallLane, _caller: unknown, call: () => Promise<T>) => services.withLimit(lane, null, call),
  }
  const followUp = createCaller({ ...context, services: uncounted }).admin.purchases
  const read = (after: { id: string; createdAt: string }) => followUp.search({ ...filter, after, limit: pageSize })
  return (async function* () {
    for (let page = first, header = mark + csvHeader; ; page = await read(page.next), header = '') {
      yield header + page.items.map(csvRow).join('')
      if (!page.next) return
    }
  })()
}
