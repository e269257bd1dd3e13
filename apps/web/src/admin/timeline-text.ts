import { formatMoney, formatTimestamp, parseAmount } from '../format.ts'
import { statusText } from './status-text.ts'

const timePattern = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g
const amountPattern = /\b(\d+(?:\.\d+)?) ([A-Z]{3})\b/g

/** Converts the timestamps in a text from the API, such as `2026-12-09T09:58:00.000Z`, to the browser's time zone and format. */
export const withLocalTimes = (text: string): string => text.replaceAll(timePattern, formatTimestamp)

/** Formats the times and amounts in a timeline note: `1440 JPY` is shown as `¥1,440`, as on the rest of the page. */
export const formatNote = (note: string): string =>
  withLocalTimes(note).replaceAll(amountPattern, (text, number: string, code: string) => {
    const currency = code.toLowerCase()
    const amount = parseAmount(number, currency)
    return amount === null ? text : formatMoney(amount, currency)
  })

interface Change {
  fromStatus: string
  toStatus: string
  cause?: unknown
  note: string | null
}

const isExtension = (cause: unknown): boolean =>
  typeof cause === 'object' && cause !== null && 'kind' in cause && cause.kind === 'access_extended'

/** Returns a title for a change. If the status did not change, the title says what did. */
export const changeTitle = ({ fromStatus, toStatus, cause, note }: Change): string => {
  if (fromStatus !== toStatus) return `${statusText(fromStatus)} → ${statusText(toStatus)}`
  const [, refunded] = /(?:^|; )(\S+) [A-Z]{3} of .* refunded(?:;|$)/.exec(note ?? '') ?? []
  if (refunded !== undefined) return Number(refunded) === 0 ? 'Refund failed' : 'Partial refund'
  return isExtension(cause) ? 'Access extended' : statusText(toStatus)
}

const rejections: Partial<Record<string, string>> = {
  not_paid: 'Rejected: nothing was paid',
  already_refunded: 'Rejected: already refunded',
  charged_back: 'Rejected: the dispute was lost',
  disputed: 'Rejected: the payment is disputed',
  amount_too_large: 'Rejected: more than the amount left to refund',
  amount_not_a_multiple: 'Rejected: not an amount that Stripe accepts in this currency',
  refund_failed: 'The refund failed',
  refund_refused: 'Stripe rejected the refund',
}

/** Explains why a refund request was rejected. */
export const refundErrorText = (error: string): string => rejections[error] ?? `Rejected: ${error.replaceAll('_', ' ')}`

const refusals: Partial<Record<string, string>> = {
  withdrawn: 'The buyer had already withdrawn',
  not_paid: 'Nothing was paid',
  already_refunded: 'The purchase was already refunded',
  disputed: 'The payment was disputed',
  played: 'The buyer had consented and started watching',
  too_late: 'The withdrawal period was over',
}

/** Explains why a buyer could not withdraw. */
export const withdrawalRefusalText = (reason: string): string => refusals[reason] ?? reason.replaceAll('_', ' ')
