import { toIsoTime } from '../csv/cell.ts'
import { errorsOf } from '../row-errors.ts'
import { type CatalogFields, catalogRow } from '../schema.ts'
import type { CatalogRow, ParsedRow } from '../types.ts'

/** A value in a feed, and the name of its element. */
export interface FeedValue {
  from: string
  value: string | undefined
}

export type FeedFields = Partial<Record<keyof CatalogFields, FeedValue>>

const readValue = (field: string, value: string): string | number => {
  if (field === 'durationSeconds') return /^\d{1,10}(\.\d+)?$/.test(value) ? Math.round(Number(value)) : value
  return field === 'availableFrom' || field === 'availableUntil' ? toIsoTime(value) : value
}

/** Builds the row for a feed item. Missing elements keep the current values. */
export const feedRow = (line: number, id: FeedValue, fields: FeedFields): ParsedRow => {
  if (!id.value) return { errors: [{ line, column: id.from, message: `Expected an address or an id in ${id.from}` }] }
  const values = Object.entries(fields).flatMap(([field, { value }]) =>
    value === undefined ? [] : [[field, readValue(field, value)] as const],
  )
  const parsed = catalogRow.safeParse({ id: id.value, fields: Object.fromEntries(values), products: [] })
  if (parsed.success) return { row: { line, ...parsed.data } satisfies CatalogRow }
  const elements = new Map(Object.entries(fields).map(([field, { from }]) => [field, from]))
  const columnOf = ([part, field]: readonly PropertyKey[]): string =>
    part === 'id' ? id.from : (elements.get(String(field)) ?? String(field))
  return { errors: errorsOf(parsed.error, line, columnOf) }
}
