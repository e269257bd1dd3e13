import { type CatalogFormat, type CatalogRow, decodeUtf8, type ParsedRow, parseCatalog, type RowError } from '../src/index.ts'

/** Splits bytes into small chunks, so that chunk boundaries fall inside characters, quotes and line endings. */
export async function* chunksOf(text: string | Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

/** Reads a whole file in small chunks. */
export const readFile = async (text: string | Uint8Array, format?: CatalogFormat, chunkSize?: number) => {
  const parsed: ParsedRow[] = []
  for await (const row of parseCatalog(decodeUtf8(chunksOf(text, chunkSize)), format)) parsed.push(row)
  return {
    rows: parsed.flatMap((item): CatalogRow[] => ('row' in item ? [item.row] : [])),
    errors: parsed.flatMap((item): RowError[] => ('errors' in item ? item.errors : [])),
  }
}

/** The errors as the command prints them. */
export const errorsIn = async (text: string, format?: CatalogFormat): Promise<string[]> =>
  (await readFile(text, format)).errors.map(({ line, column, message }) => `${line} ${column}: ${message}`)
