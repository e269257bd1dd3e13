import type { AdminPurchaseItem } from './search.ts'

type Cell = string | number | null

/**
 * Where a spreadsheet would evaluate text as a formula: at its beginning, and after anything that a spreadsheet may take for the end of a
 * cell. Which separator it uses depends on the user's locale, and with another one than the comma it does not recognize our quotes either.
 */
const formula = /((?:^|[,;|\t\r\n])[\s\p{C}"]*)(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/gu

/** The apostrophe makes a spreadsheet show the text as it is. Source: OWASP, "CSV Injection". */
const quote = (text: string): string => `"${text.replaceAll(formula, "$1'").replaceAll('"', '""')}"`

/** One line of CSV (RFC 4180). All text is quoted. */
export const csvLine = (cells: readonly Cell[]): string =>
  `${cells.map((cell) => (typeof cell === 'string' ? quote(cell) : String(cell ?? ''))).join(',')}\r\n`

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
