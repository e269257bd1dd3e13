import Papa from 'papaparse'
import { UnreadableFile } from '../types.ts'

export interface CsvRecord {
  /** The line in the file on which the record begins, from 1. */
  line: number
  cells: string[]
  /** Why its cells cannot be trusted, or null. */
  problem: string | null
}

/** Limits the memory: an unclosed quote would make the rest of the file one cell. */
const maxRecordLength = 1_000_000

const delimiters = [',', ';', '\t', '|']

interface Dialect {
  delimiter: string
  newline: '\n' | '\r'
}

const malformedQuotes = 'A quoted cell is malformed. Double each quote inside a quoted cell: "The ""best"" film"'

/** Returns the complete records, and how many characters they take. CRLF is read as LF after the last cell. */
const parseRecords = (text: string, { delimiter, newline }: Dialect, isLast: boolean, firstLine: number) => {
  const { data, errors, meta }: Papa.ParseResult<string[]> = new Papa.Parser({ delimiter, newline }).parse(text, 0, !isLast)
  const malformed = new Set(errors.map(({ row }) => row))
  let line = firstLine
  const records = data.map((row, index): CsvRecord => {
    const cells = row.map((cell, column) => (column === row.length - 1 && newline === '\n' ? cell.replace(/\r$/, '') : cell))
    const record = { line, cells, problem: malformed.has(index) ? malformedQuotes : null }
    line += 1 + row.reduce((lines, cell) => lines + cell.split(newline).length - 1, 0)
    return record
  })
  return { records, length: isLast ? text.length : meta.cursor, line }
}

/** Chooses the delimiter that splits the header into the most cells for which `isColumn` is true. */
const detectDialect = (text: string, isColumn: (cell: string) => boolean): Dialect => {
  const [header = ''] = text.split(/[\r\n]/, 1)
  const newline = text[header.length] === '\r' && text[header.length + 1] !== '\n' ? '\r' : '\n'
  const countColumns = (delimiter: string): number =>
    parseRecords(header, { delimiter, newline }, true, 1).records[0]?.cells.filter(isColumn).length ?? 0
  const [first = { delimiter: ',', columns: 0 }] = delimiters
    .map((delimiter) => ({ delimiter, columns: countColumns(delimiter) }))
    .sort((a, b) => b.columns - a.columns)
  return { delimiter: first.delimiter, newline }
}

const hasText = ({ cells }: CsvRecord): boolean => cells.some((cell) => cell.trim() !== '')

/**
 * Yields the records of a CSV file, the header first, without empty ones. Separators may be commas, semicolons, tabs or bars; lines end with
 * LF, CRLF or CR. Throws UnreadableFile if a record is longer than a megabyte.
 */
export async function* readCsv(chunks: AsyncIterable<string>, isColumn: (cell: string) => boolean): AsyncGenerator<CsvRecord> {
  let pending = ''
  let line = 1
  let dialect: Dialect | null = null
  const takeRecords = (isLast: boolean): CsvRecord[] => {
    if (dialect === null) {
      // Excel writes this line to name the separator, which the header shows as well.
      const separatorLine = /^sep=.\r?\n/.exec(pending)?.[0] ?? ''
      pending = pending.slice(separatorLine.length)
      if (separatorLine) line += 1
      dialect = detectDialect(pending, isColumn)
    }
    const parsed = parseRecords(pending, dialect, isLast, line)
    pending = pending.slice(parsed.length)
    line = parsed.line
    return parsed.records.filter(hasText)
  }
  for await (const chunk of chunks) {
    pending += line === 1 && pending === '' ? chunk.replace(/^\uFEFF/, '') : chunk
    const hasHeader = dialect !== null || /[\r\n][^\r\n]/.test(pending)
    if (hasHeader) yield* takeRecords(false)
    if (pending.length > maxRecordLength) {
      const cause = `The row that begins here has more than ${maxRecordLength} characters.`
      throw new UnreadableFile(line, `${cause} Close its quoted cell: a quote is missing, or one inside the cell is not doubled`)
    }
  }
  yield* takeRecords(true)
}
