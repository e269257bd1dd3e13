import type { AdminPurchaseItem } from './search.ts'

type Cell = string | number | null

/**
 * One line of CSV (RFC 4180). Text that a spreadsheet would evaluate as a formula is prefixed with an apostrophe. Source: OWASP,
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

/** Amounts are in minor units of the currency. */
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
} satisfies Record<string, (purchase: AdminPurchaseItem) => Cell>

export const csvColumns = Object.keys(columns)

export const csvHeader = csvLine(csvColumns)

export const csvRow = (purchase: AdminPurchaseItem): string => csvLine(Object.values(columns).map((cell) => cell(purchase)))
