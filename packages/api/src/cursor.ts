import { z } from 'zod'
import { ApiError } from './errors.ts'
import { jsonBytes } from './response-size.ts'
import { text } from './text.ts'

const expectedLimit = 'Expected a whole number from 1 to 200'

/** The input for a list that is read page by page. */
export const pageInput = {
  limit: z.int(expectedLimit).min(1, expectedLimit).max(200, expectedLimit).default(50),
  cursor: text(2_000).optional().meta({ description: '`nextCursor` of the previous page' }),
}

/** The output of a list that is read page by page. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable().meta({ description: 'Null on the last page' }) })

export type CursorValue = string | number | boolean | null

const cursorValues = z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))

/** Creates an opaque cursor from the values that identify the last item of a page. */
export const encodeCursor = (values: readonly CursorValue[]): string => Buffer.from(JSON.stringify(values)).toString('base64url')

const invalidCursor = (): ApiError =>
  new ApiError('validation', { field: 'cursor', message: 'Expected the nextCursor of the previous page, with the same filters' })

const parseJson = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    throw invalidCursor()
  }
}

/** Returns the values of a cursor. A string that was not created by `encodeCursor` is rejected with an error for the `cursor` field. */
export const decodeCursor = (cursor: string): CursorValue[] => {
  const parsed = cursorValues.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()))
  if (!parsed.success) throw invalidCursor()
  return parsed.data
}

/** Returns the validated values of a cursor, or null if there is no cursor. The schema is a tuple of the values that the list encodes. */
export const readCursor = <T>(cursor: string | undefined, schema: z.ZodType<T>): T | null => {
  if (cursor === undefined) return null
  const parsed = schema.safeParse(decodeCursor(cursor))
  if (!parsed.success) throw invalidCursor()
  return parsed.data
}

/** The approximate maximum size of a page: a page ends early rather than exceed this size, but always contains at least one item. */
const maxPageBytes = 150_000

/**
 * Takes a page from up to `limit + 1` rows. The extra row shows that there is another page. `last` is the row after which the next page
 * starts; null on the last page.
 */
export const takePage = <Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
): { items: Item[]; last: Row | null } => {
  const items: Item[] = []
  let bytes = 0
  for (const row of rows.slice(0, limit)) {
    const item = toItem(row)
    bytes += jsonBytes(item)
    if (items.length > 0 && bytes > maxPageBytes) break
    items.push(item)
  }
  return { items, last: items.length === rows.length ? null : (rows[items.length - 1] ?? null) }
}

/** Like `takePage`, but returns an encoded cursor. */
export const toPage = <Row, Item>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (last: Row) => readonly CursorValue[],
  toItem: (row: Row) => Item,
): { items: Item[]; nextCursor: string | null } => {
  const { items, last } = takePage(rows, limit, toItem)
  return { items, nextCursor: last && encodeCursor(cursorOf(last)) }
}
