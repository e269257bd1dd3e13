import { csvHeader, csvRows, jsonLines } from '@pay-to-view/catalog-import'
import { closeDb, createDb, type Db, readCurrencies, readExportPage } from '@pay-to-view/db'
import { countOf } from '@pay-to-view/purchase'
import { environments, readEnvironment } from '../env.ts'
import { createProgress } from '../progress.ts'
import { writeText } from '../write-file.ts'

export type ExportFormat = 'csv' | 'jsonl'

export interface ExportOptions {
  /** By default, the file name extension determines the format. */
  format?: ExportFormat
  /** Whether to begin the file with a byte-order mark, for Excel. */
  excel: boolean
}

const pageSize = 1_000

async function* exportText(db: Db, format: ExportFormat, excel: boolean): AsyncGenerator<string> {
  const currencies = format === 'csv' ? await readCurrencies(db) : []
  if (excel) yield '\uFEFF'
  if (format === 'csv') yield csvHeader(currencies)
  const showProgress = createProgress('entities exported')
  let count = 0
  for (let after: string | null = null; ; ) {
    const page = await readExportPage(db, after, pageSize)
    yield format === 'csv' ? csvRows(page, currencies) : jsonLines(page)
    count += page.length
    showProgress(count)
    const last = page.at(-1)
    if (!last || page.length < pageSize) break
    after = last.id
  }
  console.error(`${countOf(count, 'entity', 'entities')} exported.`)
}

/** Writes the catalog to stdout or to a file. The file does not appear until it has been written completely. */
export const exportCatalog = async (path: string | undefined, options: ExportOptions): Promise<void> => {
  const { DATABASE_URL } = readEnvironment(environments.database)
  const format = options.format ?? (path?.endsWith('.jsonl') ? 'jsonl' : 'csv')
  const db = createDb(DATABASE_URL, { connections: 2, statementTimeoutMs: 60_000 })
  try {
    await writeText(path, exportText(db, format, options.excel))
  } finally {
    await closeDb(db)
  }
}
