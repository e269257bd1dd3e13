import { errorsOf } from '../row-errors.ts'
import { catalogRow } from '../schema.ts'
import type { CatalogRow, ParsedRow, RowError } from '../types.ts'
import { UnreadableFile } from '../types.ts'
import { type CellValue, readInteger, readMemberOf, readPrice, readText, readTime, readWord } from './cell.ts'
import { type EntityColumn, entityColumns, type Header, isColumn, readHeader, termColumns } from './columns.ts'
import { type CsvRecord, readCsv, rowProblem } from './read-csv.ts'

const readers: Record<EntityColumn, (cell: string) => CellValue> = {
  type: readWord,
  title: readText,
  description: readText,
  image_url: readWord,
  duration: readInteger,
  status: readWord,
  available_from: readTime,
  available_until: readTime,
  member_of: readMemberOf,
}

const cellOf = ({ cells }: CsvRecord, { columns }: Header, column: string): string => {
  const position = columns.get(column)
  return position === undefined ? '' : (cells[position] ?? '')
}

const isEntityColumn = (column: string): column is EntityColumn => column in entityColumns

const readFields = (record: CsvRecord, header: Header): Record<string, CellValue> =>
  Object.fromEntries(
    [...header.columns.keys()]
      .filter(isEntityColumn)
      .map((column) => [entityColumns[column], readers[column](cellOf(record, header, column))]),
  )

/** Reads the product columns. The terms are null if no price is given. */
const readTerms = (record: CsvRecord, header: Header, errors: RowError[]) => {
  const prices: { currency: string; amount: number }[] = []
  const report = (column: string, message: string): void => void errors.push({ line: record.line, column, message })
  for (const currency of header.currencies) {
    const price = readPrice(cellOf(record, header, `price_${currency}`), currency)
    if ('message' in price) report(`price_${currency}`, price.message)
    else if (price.amount !== undefined) prices.push({ currency, amount: price.amount })
  }
  const [accessDurationDays = null, startWithinDays = null, watchWithinHours = null] = termColumns.map((column) =>
    readInteger(cellOf(record, header, column)),
  )
  if ((startWithinDays === null) !== (watchWithinHours === null)) {
    const missing = startWithinDays === null ? 'rental_start_days' : 'rental_watch_hours'
    report(missing, 'Expected a whole number: a rental needs both rental_start_days and rental_watch_hours')
    return null
  }
  const rental = startWithinDays === null ? null : { startWithinDays, watchWithinHours }
  if (prices.length > 0) return { prices, accessDurationDays, rental }
  const hasTerms = accessDurationDays !== null || rental !== null
  if (hasTerms && errors.length === 0) {
    report(accessDurationDays === null ? 'rental_start_days' : 'access_days', 'Expected a price in a price_<currency> column')
  }
  return null
}

/** Returns the column of a field that the schema rejects. */
const columnOf = (path: readonly PropertyKey[], currencies: readonly string[]): string => {
  if (path[0] === 'id') return 'id'
  if (path[0] === 'fields') return Object.entries(entityColumns).find(([, name]) => name === path[1])?.[0] ?? String(path[1])
  const [, , field, index] = path
  if (field === 'prices') return `price_${currencies[Number(index)] ?? ''}`
  if (field === 'accessDurationDays') return 'access_days'
  return path.includes('startWithinDays') ? 'rental_start_days' : 'rental_watch_hours'
}

const parseRecord = (record: CsvRecord, header: Header, headerLength: number): ParsedRow => {
  const { line } = record
  const problem = rowProblem(record, headerLength)
  if (problem !== null) return { errors: [{ line, column: null, message: problem }] }
  const errors: RowError[] = []
  const terms = readTerms(record, header, errors)
  const candidate = {
    id: readWord(cellOf(record, header, 'id')) ?? '',
    fields: readFields(record, header),
    products: terms ? [terms] : [],
  }
  const parsed = catalogRow.safeParse(candidate)
  if (parsed.success && errors.length === 0) return { row: { line, ...parsed.data } satisfies CatalogRow }
  const currencies = terms?.prices.map(({ currency }) => currency) ?? []
  if (!parsed.success) errors.push(...errorsOf(parsed.error, line, (path) => columnOf(path, currencies)))
  return { errors }
}

/** Yields the rows of a CSV file. Throws UnreadableFile. */
export async function* parseCsv(chunks: AsyncIterable<string>): AsyncGenerator<ParsedRow> {
  let header: Header | null = null
  let headerLength = 0
  for await (const record of readCsv(chunks, isColumn)) {
    if (header) {
      yield parseRecord(record, header, headerLength)
    } else if (record.problem !== null) {
      throw new UnreadableFile(record.line, record.problem)
    } else {
      header = readHeader(record)
      headerLength = record.cells.length
    }
  }
  if (!header) throw new UnreadableFile(1, 'The file is empty. Its first line must be a header with an "id" column')
}
