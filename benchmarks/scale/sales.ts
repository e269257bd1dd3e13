import { readFileSync } from 'node:fs'
import { closeDb, createDb, readSales, rollUpSales, salesGroups } from '@pay-to-view/db'
import { migrate } from '@pay-to-view/db/migrate'
import { createTemporaryDataFolder, removeDataFolder } from '@pay-to-view/devstack'
import { freePort } from '@pay-to-view/devstack/ports'
import { startPostgres, withClient } from '@pay-to-view/devstack/postgres'
import { dayStarts } from '@pay-to-view/purchase'

/**
 * Measures sales reports of a year with a million purchases: npx tsx benchmarks/scale/sales.ts [purchases]. It prints the time to roll all entries up,
 * and the median and the maximum of 20 reports for each group.
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
for (const groupBy of salesGroups) {
  const times: number[] = []
  let groups = 0
  for (let run = 0; run < 20; run++) {
    const startedAt = performance.now()
    groups = (await readSales(db, { groupBy, from, to: end, starts, limit: 1_000 })).groups.length
    times.push(performance.now() - startedAt)
  }
  times.sort((a, b) => a - b)
  console.log(`${groupBy}: ${groups} groups, median ${Math.round(times[10] ?? 0)} ms, maximum ${Math.round(times[19] ?? 0)} ms`)
}
const startedAt = performance.now()
await readSales(db, { groupBy: 'day', from, to: end, starts, limit: 1, entityId: 'film-1' })
console.log(`one entity by day: ${Math.round(performance.now() - startedAt)} ms`)
await closeDb(db)
await database.child.stop()
removeDataFolder(dataFolder)
