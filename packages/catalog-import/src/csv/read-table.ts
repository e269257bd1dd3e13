import type { RowError } from '../types.ts'
import { UnreadableFile } from '../types.ts'
import { readCsv, rowProblem } from './read-csv.ts'

export interface TableRow<Column extends string> {
  line: number
  /** The cell of a column; empty if the row or the file does not have the column. */
  cell: (column: Column) => string
}

const normalize = (cell: string): string => cell.trim().toLowerCase()

const readColumns = <Column extends string>(
  { line, cells }: { line: number; cells: readonly string[] },
  columns: readonly Column[],
  required: readonly Column[],
): Map<Column, number> => {
  const expected = `Expected the columns ${columns.join(', ')}`
  const positions = new Map<Column, number>()
  for (const [position, cell] of cells.entries()) {
    // Separators at the end of the header are ignored.
    if (cells.slice(position).every((other) => other.trim() === '')) break
    const column = columns.find((name) => normalize(name) === normalize(cell))
    if (column === undefined) throw new UnreadableFile(line, `Unknown column "${cell.trim().slice(0, 40)}". ${expected}`)
    if (positions.has(column)) throw new UnreadableFile(line, `The column ${column} appears twice. Remove one of them`)
    positions.set(column, position)
  }
  const missing = required.filter((column) => !positions.has(column))
  if (missing.length > 0) throw new UnreadableFile(line, `The header has no column ${missing.join(', ')}. ${expected}`)
  return positions
}

/**
 * Yields the rows of a CSV file whose header has the given columns, in any order and in upper or lower case. `readCsv` describes the
 * accepted dialects. A row with too many cells is yielded as an error. Throws UnreadableFile if the header is not as expected.
 */
export async function* readTable<Column extends string>(
  chunks: AsyncIterable<string>,
  { columns, required }: { columns: readonly Column[]; required: readonly Column[] },
): AsyncGenerator<TableRow<Column> | { errors: RowError[] }> {
  let positions: Map<Column, number> | null = null
  let width = 0
  const isColumn = (cell: string): boolean => columns.some((name) => normalize(name) === normalize(cell))
  for await (const { line, cells, problem } of readCsv(chunks, isColumn)) {
    if (positions === null) {
      if (problem !== null) throw new UnreadableFile(line, problem)
      positions = readColumns({ line, cells }, columns, required)
      width = cells.length
      continue
    }
    const message = rowProblem({ line, cells, problem }, width)
    if (message !== null) {
      yield { errors: [{ line, column: null, message }] }
      continue
    }
    const known = positions
    yield { line, cell: (column) => cells[known.get(column) ?? -1] ?? '' }
  }
  if (positions === null)
    throw new UnreadableFile(1, `The file is empty. Its first line must be a header with ${columns.join(', ')}`)
}
