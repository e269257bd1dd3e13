import { isTimeZone } from '@pay-to-view/purchase'
import { z } from 'zod'
import { createCaller } from '../../app-router.ts'
import { ApiError } from '../../errors.ts'
import type { CallLane, Context } from '../../trpc.ts'
import { createTransactionWriter, type Separator, separators, transactionHeader } from './csv.ts'
import { period } from './sales.ts'

/** The export's query parameters. */
export const transactionsExportQuery = z.object({
  ...{ from: period.from.optional(), to: period.to.optional(), timezone: period.timezone },
  payoutId: z.string().optional().meta({ description: 'The contents of this payout, instead of a period' }),
  separator: z.enum(['comma', 'semicolon', 'tab']).default('comma').meta({
    description: 'Excel expects a semicolon in most European countries; amounts then have a decimal comma',
  }),
  byteOrderMark: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: 'Begin with a byte-order mark, which Excel needs to detect UTF-8' }),
})

const isSeparator = (text: string): text is Separator => Object.hasOwn(separators, text)

const readOptions = ({
  separator = 'comma',
  byteOrderMark = 'false',
}: Record<string, string>): { separator: Separator; mark: string } => {
  if (!isSeparator(separator))
    throw new ApiError('validation', { field: 'separator', message: 'Expected comma, semicolon or tab' })
  if (byteOrderMark !== 'true' && byteOrderMark !== 'false')
    throw new ApiError('validation', { field: 'byteOrderMark', message: 'Expected true or false' })
  return { separator, mark: byteOrderMark === 'true' ? '\uFEFF' : '' }
}

/**
 * Streams transactions as CSV, page by page, at the reader's pace, so memory use does not depend on the number of rows. Each page is read
 * through the `admin.reports.transactions` procedure, which checks permissions and limits. The first page is read before the promise
 * resolves, so an error is thrown before any output.
 */
export const exportTransactions = async (
  { separator: name, byteOrderMark, ...filter }: Record<string, string>,
  context: Context,
): Promise<AsyncGenerator<string, void>> => {
  const { separator, mark } = readOptions({ ...(name && { separator: name }), ...(byteOrderMark && { byteOrderMark }) })
  const first = await createCaller(context).admin.reports.transactions({ ...filter })
  const { timezone = 'UTC' } = filter
  const write = createTransactionWriter(separator, isTimeZone(timezone) ? timezone : 'UTC')
  // An export counts as one call toward the caller's rate limit. The concurrency limit applies to every page.
  const { services } = context
  const uncounted = {
    ...services,
    withLimit: <T>(lane: CallLane, _caller: unknown, call: () => Promise<T>) => services.withLimit(lane, null, call),
  }
  const { transactions } = createCaller({ ...context, services: uncounted }).admin.reports
  return (async function* () {
    for (let page = first, header = mark + transactionHeader(separator); ; header = '') {
      yield header + page.items.map(write).join('')
      if (!page.next) return
      page = await transactions({ ...filter, after: page.next })
    }
  })()
}
