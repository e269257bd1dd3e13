import { isTimeZone } from '@pay-to-view/purchase'
import { z } from 'zod'
import { createCaller } from '../../app-router.ts'
import type { CallLane, Context } from '../../trpc.ts'
import { byteOrderMark, divideQuery, markOf, readOptions } from '../export-query.ts'
import { createTransactionWriter, transactionHeader } from './csv.ts'
import { period } from './sales.ts'

const filter = z.object({
  ...{ from: period.from.optional(), to: period.to.optional(), timezone: period.timezone },
  payoutId: z.string().optional().meta({ description: 'The contents of this payout, instead of a period' }),
})

const options = z.strictObject({
  separator: z.enum(['comma', 'semicolon', 'tab'], 'Expected comma, semicolon or tab').default('comma').meta({
    description: 'Excel expects a semicolon in most European countries; amounts then have a decimal comma',
  }),
  byteOrderMark,
})

/** The export's query parameters. */
export const transactionsExportQuery = filter.extend(options.shape)

/**
 * Streams transactions as CSV, page by page, at the reader's pace, so memory use does not depend on the number of rows. Each page is read
 * through the `admin.reports.transactions` procedure, which checks permissions and limits. The first page is read before the promise
 * resolves, so an error is thrown before any output.
 */
export const exportTransactions = async (
  query: Readonly<Record<string, string>>,
  context: Context,
): Promise<AsyncGenerator<string, void>> => {
  const { filter: filters, others } = divideQuery(query, filter)
  const first = await createCaller(context).admin.reports.transactions({ ...filters })
  const { separator, ...mark } = readOptions(options, others)
  const { timezone = 'UTC' } = filters
  const write = createTransactionWriter(separator, isTimeZone(timezone) ? timezone : 'UTC')
  // An export counts as one call toward the caller's rate limit. The concurrency limit applies to every page.
  const { services } = context
  const uncounted = {
    ...services,
    withLimit: <T>(lane: CallLane, _caller: unknown, call: () => Promise<T>) => services.withLimit(lane, null, call),
  }
  const { transactions } = createCaller({ ...context, services: uncounted }).admin.reports
  return (async function* () {
    for (let page = first, header = markOf(mark) + transactionHeader(separator); ; header = '') {
      yield header + page.items.map(write).join('')
      if (!page.next) return
      page = await transactions({ ...filters, after: page.next })
    }
  })()
}
