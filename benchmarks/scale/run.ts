/**
 * node --import tsx benchmarks/scale/run.ts [purchases]: prints the durations and plans of pay-to-view's queries on a temporary Postgres
 * with generated data.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { closeDb, createDb, type Db } from '@pay-to-view/db'
import { migrate } from '@pay-to-view/db/migrate'
import { createTemporaryDataFolder, removeDataFolder } from '@pay-to-view/devstack'
import { freePort } from '@pay-to-view/devstack/ports'
import { startPostgres, withClient } from '@pay-to-view/devstack/postgres'
import { z } from 'zod'
import { quantile } from '../src/statistics.ts'
import { explainQueries, printPlans, relationsOf } from './plans.ts'
import { queriesOf } from './queries.ts'

const purchaseCount = z.coerce.number().int().min(1000).default(1_000_000).parse(process.argv[2])
const dataFolder = createTemporaryDataFolder('pay-to-view-scale-')
const server = await startPostgres(dataFolder, { port: await freePort(), ephemeral: true })

const execute = (sql: string) => withClient(server.databaseUrl, (client) => client.query(sql))

const generateData = async (): Promise<void> => {
  const start = performance.now()
  const readSql = (file: string) => readFileSync(path.join(import.meta.dirname, file), 'utf8')
  const sql = readSql('generate.sql')
  await execute(sql.replaceAll(':purchases', String(purchaseCount)).replaceAll(':films', '2000').replaceAll(':channels', '100'))
  await execute(readSql('playback.sql'))
  await execute('vacuum analyze')
  console.log(`Generated ${purchaseCount} purchases in ${((performance.now() - start) / 1000).toFixed(0)} s`)
  const { rows: sizes } = await execute(`
    select relname as table, reltuples::bigint as rows, round(pg_table_size(oid) / greatest(reltuples, 1)) as "bytes per row",
      round(pg_indexes_size(oid) / greatest(reltuples, 1)) as "index bytes per row", pg_size_pretty(pg_total_relation_size(oid)) as total
    from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by pg_total_relation_size(oid) desc limit 6`)
  console.table(sizes)
}

/** Returns the durations of each query, in milliseconds. */
const timeQueries = async (db: Db): Promise<Map<string, number[]>> => {
  const durations = new Map<string, number[]>()
  for (const [name, query] of Object.entries(queriesOf(db))) {
    const milliseconds: number[] = []
    for (let run = 0; run < 30; run++) {
      const start = performance.now()
      await query()
      milliseconds.push(performance.now() - start)
    }
    // The first five runs are ignored, because they read from disk and plan the query.
    durations.set(name, milliseconds.slice(5))
  }
  return durations
}

const report = (durations: ReadonlyMap<string, number[]>, plans: ReadonlyMap<string, string[]>): void => {
  console.log('| query | median ms | p95 ms | indexes and tables read |\n| --- | --- | --- | --- |')
  for (const [name, milliseconds] of durations) {
    const [median, p95] = [quantile(milliseconds, 0.5), quantile(milliseconds, 0.95)]
    console.log(`| ${name} | ${median.toFixed(2)} | ${p95.toFixed(2)} | ${relationsOf(plans.get(name) ?? []).join(', ')} |`)
  }
  printPlans(plans)
}

try {
  await migrate(server.databaseUrl)
  await generateData()
  const db = createDb(server.databaseUrl)
  const durations = await timeQueries(db)
  await closeDb(db)
  report(durations, await explainQueries({ databaseUrl: server.databaseUrl, logFile: server.child.log }, queriesOf))
} finally {
  await server.child.stop()
  removeDataFolder(dataFolder)
}
