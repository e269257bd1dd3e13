import path from 'node:path'
import { type RowError, readTable } from '@pay-to-view/catalog-import'
import { type Db, type GrantImportResult, type ImportedGrant, importGrants } from '@pay-to-view/db'
import { runFileImport } from '../import-file.ts'
import { createProgress } from '../progress.ts'
import { createProgressBar } from '../progress-bar.ts'
import { readTextFile } from '../text-file.ts'
import { grantColumns, parseGrantRow, requiredGrantColumns } from './grant-row.ts'

export interface GrantImportCommand {
  dryRun: boolean
  /** Who runs the import, for the audit log. */
  by: string
}

/** The number of rows per batch. It is limited, because the users in a batch are locked until the batch is written. */
const batchSize = 500

const describeError = ({ line, column, message }: RowError): string =>
  `line ${line}${column === null ? '' : `, column ${column}`}: ${message}`

/**
 * Yields the rows of the file. A reference that an earlier row already uses is an error, because the result would depend on the order of
 * the rows.
 */
async function* readRows(file: string): AsyncGenerator<{ row: ImportedGrant } | { errors: RowError[] }> {
  const lines = new Map<string, number>()
  for await (const record of readTable(readTextFile(file), { columns: grantColumns, required: requiredGrantColumns })) {
    const parsed = 'errors' in record ? record : parseGrantRow(record)
    if ('errors' in parsed) {
      yield parsed
      continue
    }
    const { line, reference } = parsed.row
    const earlier = lines.get(reference)
    if (earlier === undefined) {
      lines.set(reference, line)
      yield parsed
    } else {
      yield { errors: [{ line, column: 'reference', message: `The reference ${reference} is already used on line ${earlier}` }] }
    }
  }
}

/** Reads the whole file once and reports the rows that cannot be imported, before anything is written. */
const checkFile = async (file: string): Promise<{ valid: number; invalid: number }> => {
  const showProgress = createProgress('rows read')
  const counts = { valid: 0, invalid: 0 }
  for await (const parsed of readRows(file)) {
    if ('row' in parsed) counts.valid += 1
    else {
      counts.invalid += 1
      for (const error of parsed.errors) console.log(describeError(error))
    }
    showProgress(counts.valid + counts.invalid)
  }
  return counts
}

async function* batchesOf(file: string): AsyncGenerator<ImportedGrant[]> {
  let batch: ImportedGrant[] = []
  for await (const parsed of readRows(file)) {
    if (!('row' in parsed)) continue
    batch.push(parsed.row)
    if (batch.length < batchSize) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

type Counts = Record<GrantImportResult['result'] | 'ended', number>

const importBatches = async (db: Db, file: string, total: number, { dryRun, by }: GrantImportCommand): Promise<Counts> => {
  const counts: Counts = { created: 0, updated: 0, unchanged: 0, revoked: 0, failed: 0, ended: 0 }
  const progress = createProgressBar(dryRun ? 'rows compared' : 'rows processed', total)
  let processed = 0
  try {
    for await (const batch of batchesOf(file)) {
      const results = await importGrants(db, batch, { actor: by, file: path.basename(file), dryRun })
      for (const [index, result] of results.entries()) {
        counts[result.result] += 1
        if (result.result === 'failed') progress.print(describeError({ line: batch[index]?.line ?? 0, ...result }))
        else if (result.hasEnded) counts.ended += 1
      }
      processed += batch.length
      progress.update(processed)
    }
  } finally {
    progress.stop()
  }
  return counts
}

const summarize = ({ created, updated, unchanged, revoked, failed, ended }: Counts, isDryRun: boolean): string =>
  [
    `${isDryRun ? 'Dry run, nothing was written: ' : ''}${created} created, ${updated} updated, ${unchanged} unchanged, ${failed} failed.`,
    ...(revoked > 0
      ? [
          revoked === 1
            ? '1 grant was revoked in pay-to-view and stays revoked.'
            : `${revoked} grants were revoked in pay-to-view and stay revoked.`,
        ]
      : []),
    ...(ended > 0
      ? [
          ended === 1
            ? '1 grant had already ended: it appears in the list of grants and gives no access.'
            : `${ended} grants had already ended: they appear in the list of grants and give no access.`,
        ]
      : []),
  ].join(' ')

/** Imports access from a file and returns the exit code: 1 if a row is invalid, or if the file cannot be read, in which case nothing is imported. */
export const importGrantsFile = (file: string, command: GrantImportCommand): Promise<number> =>
  runFileImport(async (db) => {
    const { valid, invalid } = await checkFile(file)
    const counts = await importBatches(db, file, valid, command)
    counts.failed += invalid
    return { failed: counts.failed, summary: summarize(counts, command.dryRun) }
  })
