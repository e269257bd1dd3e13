import { entityColumns } from './csv/columns.ts'
import type { CatalogFormat } from './types.ts'

/** The column of a CSV file for a field of the API, such as `memberOf` or `metadata.key`; other formats name the field itself. */
export const columnOfField = (format: CatalogFormat, field: string): string => {
  const [name] = field.split('.')
  if (format !== 'csv') return field
  return Object.entries(entityColumns).find(([, ofColumn]) => ofColumn === name)?.[0] ?? field
}
