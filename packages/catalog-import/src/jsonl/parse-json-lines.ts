import { z } from 'zod'
import { errorsOf } from '../row-errors.ts'
import { catalogFields, catalogRow } from '../schema.ts'
import { type CatalogRow, type ParsedRow, UnreadableFile } from '../types.ts'

/** The maximum length of a line, which limits memory use. */
const maxLineLength = 1_000_000

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<{ line: number; text: string }> {
  let pending = ''
  let line = 1
  for await (const chunk of chunks) {
    const lines = (pending + chunk).split('\n')
    pending = lines.pop() ?? ''
    for (const text of lines) yield { line: line++, text }
    if (pending.length > maxLineLength) throw new UnreadableFile(line, `The line has more than ${maxLineLength} characters`)
  }
  yield { line, text: pending }
}

const jsonObject = z.record(z.string(), z.json())

const readObject = (text: string): z.output<typeof jsonObject> | null => {
  try {
    return jsonObject.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

const fieldNames = Object.keys(catalogFields.shape)

const parseLine = (line: number, text: string): ParsedRow => {
  const body = readObject(text)
  const report = (column: string | null, message: string): ParsedRow => ({ errors: [{ line, column, message }] })
  if (!body) return report(null, 'Expected one JSON object per line, such as {"id": "film-1", "type": "video", "title": "Film"}')
  const { id = '', prices, accessDurationDays = null, rental = null, ...others } = body
  const unknown = Object.keys(others).find((name) => !fieldNames.includes(name))
  if (unknown !== undefined) {
    return report(unknown, `Unknown field. Expected id, ${fieldNames.join(', ')}, prices, accessDurationDays and rental`)
  }
  const hasPrices = prices !== undefined && prices !== null && !(Array.isArray(prices) && prices.length === 0)
  if (!hasPrices && (accessDurationDays !== null || rental !== null)) {
    return report('prices', 'Expected prices, because the line has accessDurationDays or rental')
  }
  const parsed = catalogRow.safeParse({ id, fields: others, products: hasPrices ? [{ prices, accessDurationDays, rental }] : [] })
  if (parsed.success) return { row: { line, ...parsed.data } satisfies CatalogRow }
  const columnOf = (path: readonly PropertyKey[]): string =>
    path.slice({ id: 0, fields: 1, products: 2 }[String(path[0])]).join('.')
  return { errors: errorsOf(parsed.error, line, columnOf) }
}

/**
 * Yields the rows of a JSON Lines file: each line is an entity's body in the API, plus `id`, `prices`, `accessDurationDays` and `rental`.
 */
export async function* parseJsonLines(chunks: AsyncIterable<string>): AsyncGenerator<ParsedRow> {
  for await (const { line, text } of linesOf(chunks)) {
    const withoutMark = line === 1 ? text.replace(/^\uFEFF/, '') : text
    if (withoutMark.trim() !== '') yield parseLine(line, withoutMark)
  }
}
