import type { CatalogFields, ProductTerms } from './schema.ts'

export type CatalogFormat = 'csv' | 'jsonl' | 'sitemap' | 'mrss'

/**
 * The data of an entity in a file. A missing field keeps the current value; null clears it. Each of `products` is offered for the entity.
 */
export interface CatalogRow {
  /** The line in the file on which the row begins, counted from 1. */
  line: number
  id: string
  fields: CatalogFields
  products: ProductTerms[]
}

/** The reason why a row cannot be imported. `column` is the column, field or XML element, or null if the error is about the whole row. */
export interface RowError {
  line: number
  column: string | null
  message: string
}

export type ParsedRow = { row: CatalogRow } | { errors: RowError[] }

/** The rest of the file cannot be read, because it is not in the expected format. */
export class UnreadableFile extends Error {
  override name = 'UnreadableFile'
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}
