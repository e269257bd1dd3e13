import { type CatalogRow, errorOfField, type RowError } from '@pay-to-view/catalog-import'
import type { Outputs, PayToViewClient } from '@pay-to-view/client'
import { batchesOf, maxErrors, type ReadFile } from './read-file.ts'

type Response = Outputs['admin']['entities']['importRows']
type RowResult = Response['rows'][number]['result']

/** A created or updated row. In a preview, a row that the import would create or update. */
export interface ChangedRow {
  line: number
  id: string
  title: string | null
  result: RowResult
}

export interface ImportSummary {
  created: number
  updated: number
  unchanged: number
  failed: number
  addedOffers: number
  /** The first changed rows, at most `maxChanged`. */
  changed: ChangedRow[]
  /** The first errors, at most `maxErrors`. */
  errors: RowError[]
}

const maxChanged = 100

interface SendOptions {
  client: PayToViewClient
  /** If true, nothing is written, and the summary shows what would change. */
  dryRun: boolean
  signal: AbortSignal
  onProgress: (summary: ImportSummary, rows: number) => void
}

/**
 * For a preview, removes containers that the file itself creates, because the API does not know them yet. `isMemberOfNew` is
 * true if the row had such containers.
 */
const withoutNewContainers = (row: CatalogRow, newIds: ReadonlySet<string>): { row: CatalogRow; isMemberOfNew: boolean } => {
  const memberOf = row.fields.memberOf?.filter(({ id }) => !newIds.has(id))
  if (memberOf?.length === row.fields.memberOf?.length) return { row, isMemberOfNew: false }
  return { row: { ...row, fields: { ...row.fields, memberOf } }, isMemberOfNew: true }
}

const addBatch = (
  summary: ImportSummary,
  sent: readonly { row: CatalogRow; isMemberOfNew: boolean }[],
  response: Response,
  format: ReadFile['format'],
): ImportSummary => {
  const next = { ...summary, changed: [...summary.changed], errors: [...summary.errors] }
  next.addedOffers += response.addedOffers
  for (const { index, result: written, error } of response.rows) {
    const item = sent[index]
    if (!item) continue
    const result = written === 'unchanged' && item.isMemberOfNew ? 'updated' : written
    const { line, id, fields } = item.row
    next[result] += 1
    if (error && next.errors.length < maxErrors) next.errors.push(errorOfField(format, line, error))
    if ((result === 'created' || result === 'updated') && next.changed.length < maxChanged)
      next.changed.push({ line, id, title: fields.title ?? null, result })
  }
  return next
}

/** Sends the rows in batches. After an error or a cancellation, the batches that were already sent stay imported. */
export const sendRows = async (read: ReadFile, { client, dryRun, signal, onProgress }: SendOptions): Promise<ImportSummary> => {
  let summary: ImportSummary = {
    ...{ created: 0, updated: 0, unchanged: 0, failed: read.invalidCount, addedOffers: 0, changed: [], errors: read.errors },
  }
  const newIds = new Set<string>()
  let rows = 0
  for await (const batch of batchesOf(read, signal)) {
    const sent = batch.map((row) => (dryRun ? withoutNewContainers(row, newIds) : { row, isMemberOfNew: false }))
    const body = sent.map(({ row: { line: _, ...row } }) => row)
    const response = await client.admin.entities.importRows.mutate({ rows: body, dryRun }, { signal })
    for (const { id, result } of response.rows)
      if (id !== null && result === 'created' && read.plan.hasContainer(id)) newIds.add(id)
    summary = addBatch(summary, sent, response, read.format)
    rows += batch.length
    onProgress(summary, rows)
  }
  return summary
}
