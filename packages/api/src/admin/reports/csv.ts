import { guardFormulas } from '@pay-to-view/catalog-import/formula-guard'
import { formatAmount } from '@pay-to-view/purchase'
import type { Transaction } from './transactions.ts'

export const separators = { comma: ',', semicolon: ';', tab: '\t' } as const
export type Separator = keyof typeof separators

/** An amount, written as a number and never as text. */
interface Amount {
  amount: number
  currency: string
}
type Cell = string | null | Amount

const quote = (text: string): string => `"${guardFormulas(text).replaceAll('"', '""')}"`

/** Locales in which Excel separates cells by semicolons write decimals with a comma. */
const writeAmount = ({ amount, currency }: Amount, separator: Separator): string => {
  const text = formatAmount(amount, currency)
  return separator === 'semicolon' ? text.replace('.', ',') : text
}

const writeCell = (cell: Cell, separator: Separator): string => {
  if (cell === null) return ''
  return typeof cell === 'string' ? quote(cell) : writeAmount(cell, separator)
}

/** One line (RFC 4180). Text is quoted and cannot become a formula. */
export const writeLine = (cells: readonly Cell[], separator: Separator): string =>
  `${cells.map((cell) => writeCell(cell, separator)).join(separators[separator])}\r\n`

const amountCell = (amount: number | null, currency: string): Cell => (amount === null ? null : { amount, currency })

const columns = {
  date: (row, local) => local.format(Date.parse(row.at)).replace(',', ''),
  time: ({ at }) => at,
  type: ({ kind }) => kind,
  purchaseId: ({ purchaseId }) => purchaseId,
  invoiceNumber: ({ invoiceNumber }) => invoiceNumber,
  entityId: ({ entityId }) => entityId,
  entity: ({ entityTitle }) => entityTitle,
  productId: ({ productId }) => productId,
  product: ({ productName }) => productName,
  country: ({ country }) => country,
  promotionCode: ({ promotionCode }) => promotionCode,
  currency: ({ currency }) => currency.toUpperCase(),
  gross: ({ gross, currency }) => amountCell(gross, currency),
  discount: ({ discount, currency }) => amountCell(discount, currency),
  tax: ({ tax, currency }) => amountCell(tax, currency),
  amount: ({ amount, currency }) => ({ amount, currency }),
  fee: ({ fee: amount, currency }) => ({ amount, currency }),
  net: ({ net: amount, currency }) => ({ amount, currency }),
  stripeId: ({ subjectId }) => subjectId,
} satisfies Record<string, (row: Transaction, local: Intl.DateTimeFormat) => Cell>

export const transactionColumns = Object.keys(columns)

export const transactionHeader = (separator: Separator): string => writeLine(transactionColumns, separator)

export const createTransactionWriter = (separator: Separator, timeZone: string): ((row: Transaction) => string) => {
  const local = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  return (row) => {
    const cells = Object.values<(row: Transaction, local: Intl.DateTimeFormat) => Cell>(columns)
    return writeLine(
      cells.map((cell) => cell(row, local)),
      separator,
    )
  }
}
