import { formatAmount } from '@pay-to-view/purchase'
import Papa from 'papaparse'
import type { ExportedEntity, ExportedTerms } from '../exported-entity.ts'
import { writeText } from './cell.ts'
import { type EntityColumn, entityColumns, termColumns } from './columns.ts'

/** Writes rows of cells as lines of CSV. */
export const toLines = (rows: readonly string[][]): string => `${Papa.unparse([...rows], { newline: '\r\n' })}\r\n`

const toCell = (value: string | number | null): string => writeText(String(value ?? ''))

/** The header line. `currencies` are the currencies of all exported products. */
export const csvHeader = (currencies: readonly string[]): string =>
  toLines([['id', ...Object.keys(entityColumns), ...currencies.map((currency) => `price_${currency}`), ...termColumns]])

const memberOfCell = (memberOf: ExportedEntity['memberOf']): string =>
  memberOf.map(({ id, position }) => (position === null ? id : `${id}#${position}`)).join(' ')

const entityCells: Record<EntityColumn, (entity: ExportedEntity) => string | number | null> = {
  type: ({ type }) => type,
  title: ({ title }) => title,
  description: ({ description }) => description,
  image_url: ({ imageUrl }) => imageUrl,
  duration: ({ durationSeconds }) => durationSeconds,
  status: ({ status }) => status,
  available_from: ({ availableFrom }) => availableFrom,
  available_until: ({ availableUntil }) => availableUntil,
  member_of: ({ memberOf }) => memberOfCell(memberOf),
}

const priceCell = (terms: ExportedTerms, currency: string): string => {
  const price = terms.prices.find((price) => price.currency === currency)
  return price ? formatAmount(price.amount, currency) : ''
}

const termCells = (terms: ExportedTerms | undefined, currencies: readonly string[]): string[] => {
  if (!terms) return [...currencies, ...termColumns].map(() => '')
  const { accessDurationDays, rental } = terms
  const lengths = [accessDurationDays, rental?.startWithinDays, rental?.watchWithinHours]
  return [...currencies.map((currency) => priceCell(terms, currency)), ...lengths.map((length) => String(length ?? ''))]
}

/**
 * Writes entities as rows that `parseCatalog` reads back: one row for each entity, and one row with only the id and the product for each
 * additional product. CSV has no columns for `playback` and `metadata`. Text that a spreadsheet would evaluate begins with an apostrophe.
 */
export const csvRows = (entities: readonly ExportedEntity[], currencies: readonly string[]): string => {
  if (entities.length === 0) return ''
  const rows = entities.flatMap((entity) => {
    const id = toCell(entity.id)
    const [first, ...others] = entity.products
    const cells = Object.values(entityCells).map((cell) => toCell(cell(entity)))
    const empty = cells.map(() => '')
    return [
      [id, ...cells, ...termCells(first, currencies)],
      ...others.map((terms) => [id, ...empty, ...termCells(terms, currencies)]),
    ]
  })
  return toLines(rows)
}
