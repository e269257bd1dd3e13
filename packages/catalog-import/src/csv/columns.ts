import { isSupportedCurrency } from '@pay-to-view/purchase'
import { UnreadableFile } from '../types.ts'

/** The columns of a CSV file, in the order of an export, and the API field that each column sets. Columns `price_<currency>` follow. */
export const entityColumns = {
  type: 'type',
  title: 'title',
  description: 'description',
  image_url: 'imageUrl',
  duration: 'durationSeconds',
  status: 'status',
  available_from: 'availableFrom',
  available_until: 'availableUntil',
  member_of: 'memberOf',
} as const
export type EntityColumn = keyof typeof entityColumns

export const termColumns = ['access_days', 'rental_start_days', 'rental_watch_hours'] as const

const names = new Set<string>(['id', ...Object.keys(entityColumns), ...termColumns])

const currencyOf = (column: string): string | null => /^price_([a-z]{3})$/.exec(column)?.[1] ?? null

export const normalizeColumn = (cell: string): string => cell.trim().toLowerCase()

export const isColumn = (cell: string): boolean => {
  const name = normalizeColumn(cell)
  return names.has(name) || currencyOf(name) !== null
}

/** The positions of a file's columns, by name. */
export interface Header {
  columns: ReadonlyMap<string, number>
  /** The currencies of the price columns; the first is the products' default currency. */
  currencies: readonly string[]
}

const expectedColumns = `Expected ${[...names].join(', ')} and price_<currency>, such as price_usd`

/** Reads the header. Throws UnreadableFile if the id column is missing, or a column is unknown or repeated. */
export const readHeader = ({ line, cells }: { line: number; cells: readonly string[] }): Header => {
  const columns = new Map<string, number>()
  const currencies: string[] = []
  for (const [position, cell] of cells.entries()) {
    const name = normalizeColumn(cell)
    // Separators at the end of the header are ignored.
    if (name === '' && cells.slice(position).every((other) => other.trim() === '')) break
    if (!isColumn(name)) throw new UnreadableFile(line, `Unknown column "${cell.trim()}". ${expectedColumns}`)
    if (columns.has(name)) throw new UnreadableFile(line, `The column ${name} appears twice. Remove one of them`)
    const currency = currencyOf(name)
    if (currency !== null) {
      if (!isSupportedCurrency(currency)) {
        throw new UnreadableFile(line, `${name}: Stripe does not charge in ${currency}. Rename or remove the column`)
      }
      currencies.push(currency)
    }
    columns.set(name, position)
  }
  if (!columns.has('id'))
    throw new UnreadableFile(line, `The first line must be a header with an "id" column. ${expectedColumns}`)
  return { columns, currencies }
}
