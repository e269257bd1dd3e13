import type { Found } from './search.ts'

type Cell = string | number | null

/**
 * One line of CSV (RFC 4180). A text that a spreadsheet would run as a formula gets an apostrophe before it, which makes it text. Source: OWASP,
 * "CSV Injection".
 */
export const csvLine = (cells: readonly Cell[]): string =>
  `${cells
    .map((cell) => {
      const text =
        typeof cell === 'string' && /^\s*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/.test(cell) ? `'${cell}` : String(cell ?? '')
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
    })
    .join(',')}\r\n`

/** Money is in minor units beside its currency, as everywhere. */
const columns = {
  purchaseId: ({ purchaseId }) => purchaseId,
  status: ({ status }) => status,
  user: ({ userId }) => userId,
  entityId: ({ entityId }) => entityId,
  entity: ({ entityTitle }) => entityTitle,
  productId: ({ payToViewProductId }) => payToViewProductId,
  product: ({ productName }) => productName,
  amount: ({ amount }) => amount,
  currency: ({ currency }) => currency,
  amountPaid: ({ amountPaid }) => amountPaid,
  currencyPaid: ({ currencyPaid }) => currencyPaid,
  amountRefunded: ({ amountRefunded }) => amountRefunded,
  mismatch: ({ mismatch }) => mismatch,
  paymentIntent: ({ externalTransactionId }) => externalTransactionId,
  createdAt: ({ createdAt }) => createdAt,
  completedAt: ({ completedAt }) => completedAt,
  expiresAt: ({ expiresAt }) => expiresAt,
  refundedAt: ({ refundedAt }) => refundedAt,
} satisfies Record<string, (found: Found) => Cell>

export const csvColumns = Object.keys(columns)

export const csvHead = csvLine(csvColumns)

export const csvRow = (found: Found): string => csvLine(Object.values(columns).map((read) => read(found)))
