import {
  type CatalogFormat,
  type CatalogRow,
  createImportPlan,
  decodeUtf8,
  detectFormat,
  type ImportPlan,
  type ParsedRow,
  parseCatalog,
  type RowError,
} from '@pay-to-view/catalog-import'

const detectionBytes = 8_192

export const formatOf = async (file: File): Promise<CatalogFormat> => detectFormat(await file.slice(0, detectionBytes).text())

/** Uses a reader, because not all browsers support iterating over a stream. If the signal is aborted, throws the abort reason. */
async function* bytesOf(file: File, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader()
  try {
    for (;;) {
      signal.throwIfAborted()
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel()
  }
}

const rowsOf = (file: File, format: CatalogFormat, signal: AbortSignal): AsyncGenerator<ParsedRow> =>
  parseCatalog(decodeUtf8(bytesOf(file, signal)), format)

export interface ReadFile {
  file: File
  format: CatalogFormat
  plan: ImportPlan
  /** The number of valid rows. */
  rowCount: number
  /** The errors of the invalid rows, at most `maxErrors`. */
  errors: RowError[]
  /** The number of invalid rows. */
  invalidCount: number
}

/** The maximum number of errors that the page shows. */
export const maxErrors = 200

/** Reads the whole file once, finds the invalid rows, and plans the order in which to send the valid rows. Throws UnreadableFile. */
export const readFile = async (file: File, signal: AbortSignal, onProgress: (rows: number) => void): Promise<ReadFile> => {
  const format = await formatOf(file)
  const plan = createImportPlan()
  const errors: RowError[] = []
  let rowCount = 0
  let invalidCount = 0
  for await (const parsed of rowsOf(file, format, signal)) {
    const duplicate = 'row' in parsed ? plan.add(parsed.row) : null
    const found = 'errors' in parsed ? parsed.errors : duplicate ? [duplicate] : []
    if (found.length === 0) rowCount += 1
    else invalidCount += 1
    errors.push(...found.slice(0, maxErrors - errors.length))
    if ((rowCount + invalidCount) % 1_000 === 0) onProgress(rowCount + invalidCount)
  }
  return { file, format, plan, rowCount, errors, invalidCount }
}

const maxBatchRows = 500
/** Target size of a batch; its last row may push the batch over it. The API accepts request bodies of up to 256 kB. */
const maxBatchBytes = 150_000

const byteLength = (row: CatalogRow): number => new TextEncoder().encode(JSON.stringify(row)).length

/** Yields the planned rows in batches, with containers before their members. */
export async function* batchesOf({ file, format, plan }: ReadFile, signal: AbortSignal): AsyncGenerator<CatalogRow[]> {
  for (let level = 0; level <= plan.maxLevel(); level++) {
    let batch: CatalogRow[] = []
    let bytes = 0
    for await (const parsed of rowsOf(file, format, signal)) {
      if (!('row' in parsed) || !plan.includes(parsed.row) || plan.levelOf(parsed.row) !== level) continue
      batch.push(parsed.row)
      bytes += byteLength(parsed.row)
      if (batch.length < maxBatchRows && bytes < maxBatchBytes) continue
      yield batch
      batch = []
      bytes = 0
    }
    if (batch.length > 0) yield batch
  }
}
