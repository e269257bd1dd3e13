import { validateEntity } from '@pay-to-view/api/validate-entity'
import {
  type CatalogFormat,
  type CatalogRow,
  createImportPlan,
  errorOfField,
  type ImportPlan,
  type RowError,
} from '@pay-to-view/catalog-import'
import { analyzeCatalog, type Db, importRows } from '@pay-to-view/db'
import { countOf } from '@pay-to-view/purchase'
import { runFileImport } from '../import-file.ts'
import { createProgress } from '../progress.ts'
import { createProgressBar, type ProgressBar } from '../progress-bar.ts'
import { formatOf, readRows } from './catalog-file.ts'

export interface ImportOptions {
  dryRun: boolean
  format?: CatalogFormat
  /** Who runs the import, for the audit log. */
  by: string
}

const batchSize = 1_000

const positionNames = { csv: 'column', jsonl: 'field', sitemap: 'element', mrss: 'element' } as const

const describeError = ({ line, column, message }: RowError, format: CatalogFormat): string =>
  `line ${line}${column === null ? '' : `, ${positionNames[format]} ${column}`}: ${message}`

/** Reads the whole file once, reports the rows that cannot be imported, and plans the order of the valid rows. */
const planImport = async (path: string, format: CatalogFormat) => {
  const plan = createImportPlan()
  const showProgress = createProgress('rows read')
  let valid = 0
  let invalid = 0
  for await (const parsed of readRows(path, format)) {
    const duplicate = 'row' in parsed ? plan.add(parsed.row) : null
    const errors = 'errors' in parsed ? parsed.errors : duplicate ? [duplicate] : []
    for (const error of errors) console.log(describeError(error, format))
    if (errors.length > 0) invalid += 1
    else valid += 1
    showProgress(valid + invalid)
  }
  return { plan, valid, invalid }
}

/** Yields the rows of the plan in batches, containers before their members. */
async function* batchesOf(path: string, format: CatalogFormat, plan: ImportPlan): AsyncGenerator<CatalogRow[]> {
  for (let level = 0; level <= plan.maxLevel(); level++) {
    let batch: CatalogRow[] = []
    for await (const parsed of readRows(path, format)) {
      if (!('row' in parsed) || !plan.includes(parsed.row) || plan.levelOf(parsed.row) !== level) continue
      batch.push(parsed.row)
      if (batch.length < batchSize) continue
      yield batch
      batch = []
    }
    if (batch.length > 0) yield batch
  }
}

type Counts = Record<'created' | 'updated' | 'unchanged' | 'failed' | 'addedOffers' | 'createdProducts', number>

interface ImportRun {
  db: Db
  format: CatalogFormat
  plan: ImportPlan
  options: ImportOptions
}

/**
 * Imports the batches and counts the results. A dry run creates no products, so several batches may report the same new product, which is
 * counted once.
 */
const importBatches = async (
  batches: AsyncIterable<CatalogRow[]>,
  { db, format, plan, options: { dryRun, by: actor } }: ImportRun,
  progress: ProgressBar,
): Promise<Counts> => {
  const counts: Counts = { created: 0, updated: 0, unchanged: 0, failed: 0, addedOffers: 0, createdProducts: 0 }
  const createdProducts = new Set<string>()
  let imported = 0
  for await (const batch of batches) {
    const isCreatedContainer = plan.hasContainer
    const { results, createdProducts: created } = await importRows(db, batch, {
      ...{ actor, dryRun, validate: validateEntity, isCreatedContainer },
    })
    for (const [index, result] of results.entries()) {
      counts[result.result] += 1
      if (result.result !== 'failed') counts.addedOffers += result.addedOffers
      else {
        const error = errorOfField(format, batch[index]?.line ?? 0, result.error)
        progress.print(describeError(error, format))
      }
    }
    for (const terms of created) createdProducts.add(JSON.stringify(terms))
    imported += batch.length
    progress.update(imported)
  }
  return { ...counts, createdProducts: createdProducts.size }
}

const summarize = (counts: Counts, isDryRun: boolean): string => {
  const { created, updated, unchanged, failed, createdProducts, addedOffers } = counts
  const rows = `${created} created, ${updated} updated, ${unchanged} unchanged, ${failed} failed.`
  const products = `${countOf(createdProducts, 'product')} created, ${countOf(addedOffers, 'offer')} added.`
  return `${isDryRun ? 'Dry run, nothing was written: ' : ''}${rows} ${products}`
}

/**
 * Imports a file into the catalog. Returns the exit code: 1 if a row is invalid (the other rows are imported) or if the file cannot be read
 * completely (nothing is imported).
 */
export const importCatalog = (path: string, options: ImportOptions): Promise<number> =>
  runFileImport(async (db) => {
    const format = options.format ?? (await formatOf(path))
    const { plan, valid, invalid } = await planImport(path, format)
    const progress = createProgressBar(options.dryRun ? 'rows compared' : 'rows processed', valid)
    const batches = batchesOf(path, format, plan)
    const counts = await importBatches(batches, { db, format, plan, options }, progress).finally(progress.stop)
    if (!options.dryRun && counts.created + counts.updated > 0) await analyzeCatalog(db)
    counts.failed += invalid
    return { failed: counts.failed, summary: summarize(counts, options.dryRun) }
  })
