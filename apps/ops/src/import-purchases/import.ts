import { closeDb, createDb, createPlaceholders, type Db, importPurchases, type PurchaseImportResult } from '@pay-to-view/db'
import { countOf, statuses } from '@pay-to-view/purchase'
import { createGateway, createStripe } from '@pay-to-view/stripe'
import { createPurchaseClient } from '@pay-to-view/workflow-client/client'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { temporalOptions } from '@pay-to-view/workflow-client/environment'
import { environments, readEnvironment } from '../env.ts'
import { createProgressBar } from '../progress-bar.ts'
import { lengthsHeader, readLengths } from './lengths.ts'
import { type PastSales, readPastSales } from './read-history.ts'
import { startWorkflows } from './start-workflows.ts'
import { findUnknownCatalog, type UnknownCatalog } from './unknown-catalog.ts'

export interface PurchaseImportCommand {
  fromStripe: true
  /** How far back sales are read, in seconds; by default, all sales are read. */
  since?: number
  dryRun: boolean
  withWorkflows: boolean
  /** The path of the lengths file, which contains the products' lengths of access. */
  lengths?: string
  list: boolean
  /** Who runs the import, for the audit log. */
  by: string
}

/** The number of purchases per batch. It is small, so that the users in a batch are locked only briefly. */
const batchSize = 200

const reportSales = ({ sessions, ownSessions, existing, problems }: PastSales): void => {
  for (const { sessionId, problem } of problems) console.log(`skipped  ${sessionId}: ${problem}`)
  console.log(
    `${countOf(sessions, 'checkout session')} read, ${sessions - ownSessions} of them from other systems. ${countOf(existing, 'purchase')} already ${existing === 1 ? 'exists' : 'exist'}.`,
  )
}

/** Prints the lines that are missing from the lengths file, ready to copy into the file. */
const reportWithoutLength = ({ withoutLength }: UnknownCatalog): void => {
  console.log(`${countOf(withoutLength.length, 'product')} missing from the catalog. Stripe does not know the length of access:`)
  for (const { id, payments, prices } of withoutLength)
    console.log(`no length  ${id}: paid ${countOf(payments, 'time')}, ${prices.join(', ')}`)
  console.log('Pass a file with --lengths. For each product, fill in days, permanent, or a rental:')
  console.log([lengthsHeader, ...withoutLength.map(({ id }) => `${id},,,`)].join('\n'))
}

interface Counts {
  byStatus: Map<string, number>
  failed: number
  review: number
  paidTwice: number
  canceled: number
}

const count = (counts: Counts, result: PurchaseImportResult, print: (line: string) => void, list: boolean): void => {
  if (result.result === 'exists') return
  if (result.result === 'failed') {
    counts.failed += 1
    print(`failed  ${result.id}: ${result.message}`)
    return
  }
  const { id, status, mismatch, coveredBy, isCanceled } = result
  counts.byStatus.set(status, (counts.byStatus.get(status) ?? 0) + 1)
  if (list) print(`imported  ${id}  ${status}`)
  if (mismatch !== null) {
    counts.review += 1
    print(`review  ${id}: the payment does not match its price (${mismatch}). Accept or refund it in the back office`)
  }
  if (coveredBy.length > 0) {
    counts.paidTwice += 1
    print(
      `paid twice  ${id}: ${coveredBy.join(', ')} gives the same access. Decide in the back office which of these purchases to refund`,
    )
  }
  if (isCanceled) counts.canceled += 1
}

const importAll = async (
  db: Db,
  { purchases }: PastSales,
  { termsOf, by, list }: PurchaseImportCommand & { termsOf: Awaited<ReturnType<typeof readLengths>> },
): Promise<Counts> => {
  const counts: Counts = { byStatus: new Map(), failed: 0, review: 0, paidTwice: 0, canceled: 0 }
  const progress = createProgressBar('purchases imported', purchases.length)
  try {
    for (let start = 0; start < purchases.length; start += batchSize) {
      const batch = purchases.slice(start, start + batchSize)
      const results = await importPurchases(db, batch, { actor: by, termsOf })
      for (const result of results) count(counts, result, progress.print, list)
      progress.update(start + batch.length)
    }
  } finally {
    progress.stop()
  }
  return counts
}

const summarize = ({ byStatus, failed, review, paidTwice, canceled }: Counts, { entities, products }: UnknownCatalog): string => {
  const found = statuses.flatMap((status) => (byStatus.has(status) ? [`${byStatus.get(status)} ${status}`] : []))
  const total = [...byStatus.values()].reduce((sum, number) => sum + number, 0)
  return [
    `${countOf(total, 'purchase')} imported${total > 0 ? `: ${found.join(', ')}` : ''}.`,
    ...(entities.length + products.length > 0
      ? [
          `Created for unknown ids: ${countOf(entities.length, 'archived entity', 'archived entities')} and ${countOf(products.length, 'withdrawn product')}.`,
        ]
      : []),
    ...(review > 0 ? [`Payments to accept or refund: ${review}.`] : []),
    ...(paidTwice > 0 ? [`Paid although another purchase gives the same access: ${paidTwice}.`] : []),
    ...(canceled > 0 ? [`Added to the cancellation of their entity: ${canceled}.`] : []),
    ...(failed > 0 ? [`${failed} failed.`] : []),
  ].join(' ')
}

const reportDryRun = (purchases: PastSales['purchases'], { entities, products }: UnknownCatalog, list: boolean): void => {
  if (list) for (const { id, isPaid } of purchases) console.log(`would import  ${id}  ${isPaid ? 'paid' : 'not paid'}`)
  for (const { id, type, title } of entities) console.log(`would create  ${type} ${id}: "${title}", archived`)
  for (const { id } of products) console.log(`would create  product ${id}, withdrawn`)
  const paid = purchases.filter(({ isPaid }) => isPaid).length
  console.log(`Dry run, nothing was written: ${countOf(purchases.length, 'purchase')} to import, ${paid} of them paid.`)
}

const withWorkflowClient = async (db: Db): Promise<number> => {
  const env = readEnvironment(environments.all)
  const client = createTemporalClient(temporalOptions(env))
  try {
    return await startWorkflows(db, createPurchaseClient({ client, taskQueue: env.TASK_QUEUE }))
  } finally {
    await client.connection.close()
  }
}

/**
 * Inserts purchases that the account's checkout sessions refer to but that are missing from the database, such as another backend's sales
 * or purchases that a restored backup does not contain. Writes nothing to Stripe. Returns the exit code: 1 if something could not be
 * imported, or if a dry run found something to import.
 */
export const importPastPurchases = async (command: PurchaseImportCommand): Promise<number> => {
  const { DATABASE_URL, STRIPE_SECRET_KEY, STRIPE_API_BASE, SITE_ID } = readEnvironment(environments.databaseAndStripe)
  if (command.withWorkflows) readEnvironment(environments.all)
  const termsOf = command.lengths === undefined ? new Map() : await readLengths(command.lengths)
  const db = createDb(DATABASE_URL, { connections: 4, statementTimeoutMs: 60_000 })
  // The many retries ensure that a long list can be read completely even if Stripe often returns 429.
  const stripe = createGateway(createStripe({ secretKey: STRIPE_SECRET_KEY, apiBase: STRIPE_API_BASE, maxRetries: 10 }))
  try {
    const since = command.since === undefined ? 0 : Math.floor(Date.now() / 1_000) - command.since
    const sales = await readPastSales(db, stripe, since, SITE_ID)
    reportSales(sales)
    const unknown = await findUnknownCatalog(db, sales.purchases, termsOf)
    if (unknown.withoutLength.length > 0) reportWithoutLength(unknown)
    if (command.dryRun) {
      reportDryRun(sales.purchases, unknown, command.list)
      return sales.purchases.length > 0 || sales.problems.length > 0 ? 1 : 0
    }
    if (unknown.withoutLength.length > 0) {
      console.log('Nothing was imported.')
      return 1
    }
    await createPlaceholders(db, unknown, command.by)
    const counts = await importAll(db, sales, { ...command, termsOf })
    console.log(summarize(counts, unknown))
    if (command.withWorkflows) console.log(`${countOf(await withWorkflowClient(db), 'workflow')} started.`)
    return counts.failed + sales.problems.length > 0 ? 1 : 0
  } finally {
    await closeDb(db)
  }
}
