import Papa from 'papaparse'
import { UnreadableFile } from '../types.ts'

export interface CsvRecord {
  /** The line in the file on which the record begins, counted from 1. */
  line: number
  cells: string[]
  /** The reason why the line is not a record, or null. A line that is not a record has no cells. */
  problem: string | null
}

/** Limits memory use and the search for the end of a quoted cell. No valid entity is this long. */
const maxRecordLength = 100_000

const delimiters = [',', ';', '\t', '|']

interface Dialect {
  delimiter: string
  newline: '\n' | '\r'
}

const malformed = 'A quoted cell is malformed. Close its quote, and double each quote inside it: "The ""best"" film"'

const countLines = (text: string, newline: string): number => text.split(newline).length - 1

/**
 * Parses the complete records up to the first malformed record. Returns them with the number of characters and lines that they span. A CR
 * before LF is not part of the last cell.
 */
const parseRecords = (text: string, { delimiter, newline }: Dialect, isLast: boolean) => {
  const records: { linesBefore: number; cells: string[] }[] = []
  let lines = 0
  let length = 0
  let isMalformed = false
  const step = ({ data, errors, meta }: Papa.ParseStepResult<string[][]>): void => {
    if (errors.length > 0) {
      isMalformed = true
      parser.abort()
      return
    }
    const cells = data.flat()
    const last = cells.pop() ?? ''
    cells.push(newline === '\n' ? last.replace(/\r$/, '') : last)
    records.push({ linesBefore: lines, cells })
    lines += 1 + cells.reduce((sum, cell) => sum + countLines(cell, newline), 0)
    length = meta.cursor
  }
  const parser = new Papa.Parser({ delimiter, newline, step })
  parser.parse(text, 0, !isLast)
  return { records, lines, length, isMalformed }
}

/** Chooses the delimiter that splits the header into the most cells for which `isColumn` is true. */
const detectDialect = (text: string, isColumn: (cell: string) => boolean): Dialect => {
  const [header = ''] = text.split(/[\r\n]/, 1)
  const newline = text[header.length] === '\r' && text[header.length + 1] !== '\n' ? '\r' : '\n'
  const countColumns = (delimiter: string): number =>
    parseRecords(header, { delimiter, newline }, true).records[0]?.cells.filter(isColumn).length ?? 0
  const [first = { delimiter: ',', columns: 0 }] = delimiters
    .map((delimiter) => ({ delimiter, columns: countColumns(delimiter) }))
    .sort((a, b) => b.columns - a.columns)
  return { delimiter: first.delimiter, newline }
}

const hasText = (cells: readonly string[]): boolean => cells.some((cell) => cell.trim() !== '')

/** Returns why a record is not a row of a table whose header has `headerLength` cells, or null. */
export const rowProblem = ({ cells, problem }: CsvRecord, headerLength: number): string | null => {
  if (problem !== null || !hasText(cells.slice(headerLength))) return problem
  return `The row has ${cells.length} cells, but the header has ${headerLength}. Put cells that contain the separator in quotes`
}

/** Reads records from the beginning of a growing string. */
const createReader = (isColumn: (cell: string) => boolean) => {
  let pending = ''
  let line = 1
  let dialect: Dialect | null = null

  const startReading = (): Dialect => {
    pending = pending.replace(/^\uFEFF/, '')
    // This line tells Excel the separator. It is skipped, because the separator can be detected from the header.
    const separatorLine = /^sep=.\r?\n/.exec(pending)?.[0] ?? ''
    pending = pending.slice(separatorLine.length)
    if (separatorLine) line += 1
    return detectDialect(pending, isColumn)
  }

  /** Reports the first line as malformed and continues after it, so the rest of the file does not become part of an unclosed cell. */
  const skipLine = ({ newline }: Dialect, isLast: boolean): CsvRecord => {
    const end = pending.indexOf(newline)
    if (end < 0 && !isLast)
      throw new UnreadableFile(line, `The line has more than ${maxRecordLength} characters. Is this a CSV file?`)
    pending = end < 0 ? '' : pending.slice(end + 1)
    return { line: line++, cells: [], problem: malformed }
  }

  return {
    append: (chunk: string): void => {
      pending += chunk
    },
    *take(isLast: boolean): Generator<CsvRecord> {
      if (!isLast && dialect === null && !/[\r\n][^\r\n]/.test(pending)) return
      dialect ??= startReading()
      for (;;) {
        const { records, lines, length, isMalformed } = parseRecords(pending, dialect, isLast)
        for (const { linesBefore, cells } of records) if (hasText(cells)) yield { line: line + linesBefore, cells, problem: null }
        pending = pending.slice(length)
        line += lines
        if (!isMalformed && pending.length <= maxRecordLength) return
        if (isLast && !isMalformed) return
        yield skipLine(dialect, isLast)
      }
    },
  }
}

/**
 * Yields the records of a CSV file, the header first, and skips empty records. Separators may be commas, semicolons, tabs or vertical bars;
 * lines end with LF, CRLF or CR. A malformed line is yielded with its problem. Throws UnreadableFile if a line is too long.
 */
export async function* readCsv(chunks: AsyncIterable<string>, isColumn: (cell: string) => boolean): AsyncGenerator<CsvRecord> {
  const reader = createReader(isColumn)
  for await (const chunk of chunks) {
    reader.append(chunk)
    yield* reader.take(false)
  }
  yield* reader.take(true)
}
