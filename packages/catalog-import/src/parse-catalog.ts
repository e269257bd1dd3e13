import { parseCsv } from './csv/parse-csv.ts'
import { parseJsonLines } from './jsonl/parse-json-lines.ts'
import { type CatalogFormat, type CatalogRow, type ParsedRow, UnreadableFile } from './types.ts'
import { parseMediaRss } from './xml/parse-media-rss.ts'
import { parseSitemap } from './xml/parse-sitemap.ts'

const parsers = { csv: parseCsv, jsonl: parseJsonLines, sitemap: parseSitemap, mrss: parseMediaRss } satisfies Record<
  CatalogFormat,
  (chunks: AsyncIterable<string>) => AsyncGenerator<ParsedRow>
>

export const catalogFormats = ['csv', 'jsonl', 'sitemap', 'mrss'] as const satisfies readonly CatalogFormat[]

/**
 * The number of characters that are read to detect a file's format: enough for the declarations and comments before an XML document's root
 * element.
 */
const detectionLength = 8_192

/** Detects the format from the beginning of a file. Throws UnreadableFile if that format cannot be imported. */
export const detectFormat = (text: string): CatalogFormat => {
  const start = text.replace(/^\uFEFF/, '').trimStart()
  if (start.startsWith('{')) return 'jsonl'
  if (start.startsWith('[')) throw new UnreadableFile(1, 'Expected JSON Lines: one object per line, not an array')
  if (!start.startsWith('<')) return 'csv'
  const root = /<(?:[\w.-]+:)?(urlset|sitemapindex|rss)[\s>]/.exec(start)?.[1]
  if (root === undefined) throw new UnreadableFile(1, 'Expected a video sitemap (<urlset>) or a Media RSS feed (<rss>)')
  return root === 'rss' ? 'mrss' : 'sitemap'
}

/** Reads as much text as `detectFormat` needs. Returns that text together with an iterable of the whole text. */
const peek = async (chunks: AsyncIterable<string>): Promise<{ start: string; whole: AsyncIterable<string> }> => {
  const iterator = chunks[Symbol.asyncIterator]()
  let start = ''
  let isAtEnd = false
  while (start.length < detectionLength && !isAtEnd) {
    const { done = false, value } = await iterator.next()
    isAtEnd = done
    start += value ?? ''
  }
  const whole = async function* () {
    try {
      yield start
      yield* { [Symbol.asyncIterator]: () => iterator }
    } finally {
      await iterator.return?.()
    }
  }
  return { start, whole: whole() }
}

/** Whether a row has only an id and a product. Only such a row may follow another row of the same entity. */
const onlyOffers = ({ fields, products }: CatalogRow): boolean =>
  products.length > 0 && Object.values(fields).every((value) => value === undefined)

/** Joins rows that only offer additional products with the row directly above, if that row has the same id. */
async function* joinOffers(rows: AsyncIterable<ParsedRow>): AsyncGenerator<ParsedRow> {
  let current: CatalogRow | null = null
  try {
    for await (const parsed of rows) {
      if ('row' in parsed && current?.id === parsed.row.id && onlyOffers(parsed.row)) {
        current.products.push(...parsed.row.products)
        continue
      }
      if (current && 'row' in parsed) yield { row: current }
      if ('row' in parsed) current = parsed.row
      else yield parsed
    }
  } catch (error) {
    // The row before the unreadable part of the file is complete, so it is yielded.
    if (current) yield { row: current }
    throw error
  }
  if (current) yield { row: current }
}

/**
 * Yields the rows of a file in bounded memory, one for each entity. Without `format`, the format is detected from the content. Throws
 * UnreadableFile.
 */
export async function* parseCatalog(chunks: AsyncIterable<string>, format?: CatalogFormat): AsyncGenerator<ParsedRow> {
  const { start, whole } = await peek(chunks)
  yield* joinOffers(parsers[format ?? detectFormat(start)](whole))
}
