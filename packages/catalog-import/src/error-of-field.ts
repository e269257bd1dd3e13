import { entityColumns } from './csv/columns.ts'
import type { CatalogFormat, RowError } from './types.ts'

/** The columns of a CSV file whose API fields have a different name. */
const renamed = Object.entries(entityColumns).filter(([column, field]) => column !== field)

const withColumns = (text: string): string =>
  renamed.reduce((result, [column, field]) => result.replaceAll(new RegExp(`\\b${field}\\b`, 'g'), column), text)

/**
 * An error that the catalog reports for a field of a row, such as `memberOf` or `metadata.key`. For a CSV file, the error and its message
 * name columns instead of fields.
 */
export const errorOfField = (
  format: CatalogFormat,
  line: number,
  { field, message }: { field: string; message: string },
): RowError => {
  if (format !== 'csv') return { line, column: field, message }
  const [name = field] = field.split('.')
  const column = Object.values(entityColumns).some((known) => known === name) ? withColumns(name) : field
  return { line, column, message: withColumns(message) }
}
