import { guardFormulas } from '@pay-to-view/catalog-import/formula-guard'
import type { AdminPurchaseItem } from './search.ts'

type Cell = string | number | null

const quote = (text: string): string => `"${guardFormulas(text).replaceAll('"', '""')}"`

/** One line of CSV (RFC 4180). All text is quoted. */
export const csvLine = (cells: readonly Cell[]): string =>
  `${cells.map((cell) => (typeof cell === 'string' ? quote(cell) : String(cell ?? ''))).join(',')}\r\n`

/** The value of each column, by column name. Amounts are in minor units. */
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
  amountSubtotal: ({ amountSubtotal }) => amountSubtotal,
  amountDiscount: ({ amountDiscount }) => amountDiscount,
  amountTax: ({ amountTax }) => amountTax,
  amountPaid: ({ amountPaid }) => amountPaid,
  currencyPaid: ({ currencyPaid }) => currencyPaid,
  amountRefunded: ({ amountRefunded }) => amountRefunded,
  promotionCode: ({ promotionCode }) => promotionCode,
  country: ({ country }) => country,
  invoiceNumber: ({ invoiceNumber }) => invoiceNumber,
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
