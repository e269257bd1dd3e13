/** node --import tsx benchmarks/scale/run.ts [purchases]: durations and plans of the queries, on a temporary Postgres with generated data. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import path from 'node:path'
import { closeDb, createDb, type Db } from '@pay-to-view/db'
import { migrate } from '@pay-to-view/db/migrate'
import { createTemporaryDataFolder, removeDataFolder } from '@pay-to-view/devstack'
import { freePort } from '@pay-to-view/devstack/ports'
import { startPostgres, withClient } from '@pay-to-view/devstack/postgres'
import { z } from 'zod'
import { quantile } from '../src/statistics.ts'
import { queriesOf } from './queries.ts'

const purchaseCount = z.coerce.number().int().min(1000).default(1_000_000).parse(process.argv[2])
const dataFolder = createTemporaryDataFolder('pay-to-view-scale-')
const server = await startPostgres(dataFolder, { port: await freePort(), ephemeral: true })

const execute = (sql: string) => withClient(server.databaseUrl, (client) => client.query(sql))

const generateData = async (): Promise<void> => {
  const start = performance.now()
  const sql = readFileSync(path.join(import.meta.dirname, 'generate.sql'), 'utf8')
  await execute(sql.replaceAll(':purchases', String(purchaseCount)))
  await execute('vacuum analyze')
  console.log(`Generated ${purchaseCount} purchases in ${((performance.now() - start) / 1000).toFixed(0)} s`)
  const { rows: sizes } = await execute(`
    select relname as table, reltuples::bigint as rows, round(pg_table_size(oid) / greatest(reltuples, 1)) as "bytes per row",
      round(pg_indexes_size(oid) / greatest(reltuples, 1)) as "index bytes per row", pg_size_pretty(pg_total_relation_size(oid)) as total
    from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by pg_total_relation_size(oid) desc limit 6`)
  console.table(sizes)
}

/** Returns the durations of each query in milliseconds. */
const timeQueries = async (db: Db): Promise<Map<string, number[]>> => {
  const durations = new Map<string, number[]>()
  for (const [name, query] of Object.entries(queriesOf(db))) {
    const milliseconds: number[] = []
    for (let run = 0; run < 30; run++) {
      const start = performance.now()
      await query()
      milliseconds.push(performance.now() - start)
    }
    // The first runs read from disk and plan the query.
    durations.set(name, milliseconds.slice(5))
  }
  return durations
}

/** Returns a function that reads what was appended to the file since the last call. */
const tailReader = (file: number) => {
  let position = 0
  return (): string => {
    const buffer = Buffer.alloc(fstatSync(file).size - position)
    readSync(file, buffer, 0, buffer.length, position)
    position += buffer.length
    return buffer.toString()
  }
}

/** The plans that auto_explain has logged, without the log prefix and the query text. */
const parsePlans = (log: string): string[] =>
  [...log.matchAll(/duration: [\d.]+ ms {2}plan:\n((?:\t.*\n)+)/g)].map(([, plan = '']) =>
    plan.slice(plan.search(/^\t(?!Query Text).*\(.*rows=/m)),
  )

const explainQueries = async (log: number): Promise<Map<string, string[]>> => {
  await execute(`alter database pay_to_view set session_preload_libraries = 'auto_explain'`)
  for (const setting of ['log_min_duration = 0', 'log_analyze = on', 'log_timing = off']) {
    await execute(`alter database pay_to_view set auto_explain.${setting}`)
  }
  // On a single connection, the ninth run shows the plan that Postgres has settled on for a prepared statement.
  const db = createDb(server.databaseUrl, { connections: 1 })
  const readNew = tailReader(log)
  const plans = new Map<string, string[]>()
  for (const [name, query] of Object.entries(queriesOf(db))) {
    for (let run = 0; run < 8; run++) await query()
    readNew()
    await query()
    plans.set(name, parsePlans(readNew()))
  }
  await closeDb(db)
  return plans
}

const report = (durations: ReadonlyMap<string, number[]>, plans: ReadonlyMap<string, string[]>): void => {
  console.log('| query | median ms | p95 ms | indexes and tables read |\n| --- | --- | --- | --- |')
  for (const [name, milliseconds] of durations) {
    const scanned = (plans.get(name) ?? []).flatMap((plan) =>
      [...plan.matchAll(/(?:Scan using|Seq Scan on) (\w+)/g)].map(([, relation]) => relation),
    )
    const [median, p95] = [quantile(milliseconds, 0.5), quantile(milliseconds, 0.95)]
    console.log(`| ${name} | ${median.toFixed(2)} | ${p95.toFixed(2)} | ${[...new Set(scanned)].join(', ')} |`)
  }
  for (const [name, queryPlans] of plans) {
    console.log(`\n${name}`)
    for (const plan of queryPlans) console.log(plan.replaceAll(/^\t/gm, '  ').trimEnd())
  }
}

const log = openSync(server.child.log, 'r')
try {
  await migrate(server.databaseUrl)
  await generateData()
  const db = createDb(server.databaseUrl)
  const durations = await timeQueries(db)
  await closeDb(db)
  report(durations, await explainQueries(log))
} finally {
  closeSync(log)
  await server.child.stop()
  removeDataFolder(dataFolder)
}
