import { readFileSync } from 'node:fs'
import { closeDb, createDb, createReads, readSales, rollUpSales, type SalesQuery, salesGroups } from '@pay-to-view/db'
import { migrate } from '@pay-to-view/db/migrate'
import { createTemporaryDataFolder, removeDataFolder } from '@pay-to-view/devstack'
import { freePort } from '@pay-to-view/devstack/ports'
import { startPostgres, withClient } from '@pay-to-view/devstack/postgres'
import { dayStarts, hourStarts } from '@pay-to-view/purchase'
import { measureExport } from './sales-export.ts'

/**
 * npx tsx benchmarks/scale/sales.ts [purchases]: measures sales reports of a year with a million purchases. Prints the time to roll up all
 * entries, the median and maximum duration of 20 runs of each report and of the searches by promotion code and country, and the memory
 * usage of an export of the year.
 */
const purchases = Number(process.argv[2] ?? 1_000_000)

const dataFolder = createTemporaryDataFolder('pay-to-view-sales-')
const database = await startPostgres(dataFolder, { port: await freePort(), ephemeral: true })
await migrate(database.databaseUrl)
const sql = readFileSync(new URL('sales.sql', import.meta.url), 'utf8').replaceAll(':purchases', String(purchases))
const generatedAt = performance.now()
await withClient(database.databaseUrl, (client) => client.query(sql))
console.log(`${purchases} purchases generated in ${Math.round((performance.now() - generatedAt) / 1_000)} s`)
const db = createDb(database.databaseUrl, { statementTimeoutMs: 600_000 })

const rolledAt = performance.now()
const entries = await rollUpSales(db)
const seconds = (performance.now() - rolledAt) / 1_000
console.log(`${entries} entries rolled up in ${Math.round(seconds)} s, ${Math.round(entries / seconds)} per second`)
await withClient(database.databaseUrl, async (client) => {
  await client.query('vacuum analyze')
  const { rows } = await client.query(
    `select dimension || ' ' || grain as name, count(*) as rows from sales_rollups group by dimension, grain order by 1`,
  )
  console.table(rows)
})

const today = new Date().toISOString().slice(0, 10)
const yearAgo = new Date(Date.now() - 365 * 86_400_000).toISOString().slice(0, 10)
const { starts, end } = dayStarts(yearAgo, today, 'Europe/Berlin')
const [from = end] = starts
/** Prints the median and maximum duration of 20 runs. */
const measure = async (name: string, read: () => Promise<readonly object[]>): Promise<void> => {
  const times: number[] = []
  let rows = 0
  for (let run = 0; run < 20; run++) {
    const startedAt = performance.now()
    rows = (await read()).length
    times.push(performance.now() - startedAt)
  }
  times.sort((a, b) => a - b)
  console.log(`${name}: ${rows} rows, median ${Math.round(times[10] ?? 0)} ms, maximum ${Math.round(times[19] ?? 0)} ms`)
}
const report = (query: Partial<SalesQuery>) => async () =>
  (await readSales(db, { groupBy: 'day', from, to: end, starts, limit: 1_000, ...query })).groups

for (const groupBy of salesGroups.filter((name) => name !== 'hour')) await measure(`by ${groupBy}`, report({ groupBy }))
const lastDays = dayStarts(today, new Date(Date.now() + 86_400_000).toISOString().slice(0, 10), 'Europe/Berlin')
const hours = hourStarts(lastDays.starts, lastDays.end)
await measure('today by hour', report({ groupBy: 'hour', from: hours[0] ?? end, to: lastDays.end, starts: hours }))
await measure('one entity by day', report({ entityId: 'film-1' }))
const { searchPurchases } = createReads(db)
for (const filter of [
  { promotionCode: 'CODE3' },
  { country: 'DE' },
  { promotionCode: 'CODE3', country: 'DE' },
  { country: 'ZZ' },
])
  await measure(`search ${JSON.stringify(filter)}`, () => searchPurchases(filter, null, 50))
const exportedAt = performance.now()
const exported = await measureExport(db, { from: yearAgo, to: today })
console.log(`export in ${Math.round((performance.now() - exportedAt) / 1_000)} s:`, exported)
await closeDb(db)
await database.child.stop()
removeDataFolder(dataFolder)
