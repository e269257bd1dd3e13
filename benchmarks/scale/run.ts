import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { migrate } from '@pay-to-view/db/migrate'
import pg from 'pg'
import { z } from 'zod'
import { openHome } from '../../packages/devstack/src/home.ts'
import { freePort } from '../../packages/devstack/src/ports.ts'
import { startPostgres } from '../../packages/devstack/src/postgres.ts'
import { queries } from './queries.ts'

// node --import tsx benchmarks/scale/run.ts [purchases]: plans and timings of what is read, on a scratch Postgres.

const purchases = z.coerce.number().int().min(1000).default(1_000_000).parse(process.argv[2])
const Plan = z.object({ 'QUERY PLAN': z.string() })

const home = openHome(mkdtempSync(path.join(tmpdir(), 'pay-to-view-scale-')))
const server = await startPostgres(home, { port: await freePort(), forgetful: true })
await migrate(server.databaseUrl)
const database = new pg.Client({ connectionString: server.databaseUrl })
try {
  await database.connect()
  const began = performance.now()
  await database.query(
    readFileSync(path.join(import.meta.dirname, 'generate.sql'), 'utf8').replaceAll(':purchases', String(purchases)),
  )
  console.log(`${purchases} purchases made in ${((performance.now() - began) / 1000).toFixed(0)} s`)
  const { rows: sizes } = await database.query(
    "select relname, reltuples::bigint as rows, pg_size_pretty(pg_table_size(oid)) as data, pg_size_pretty(pg_indexes_size(oid)) as indexes from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by pg_total_relation_size(oid) desc limit 5",
  )
  console.table(sizes)
  for (const [name, sql] of Object.entries(queries)) {
    const times: number[] = []
    for (let at = 0; at < 20; at++) {
      const start = performance.now()
      await database.query(sql)
      times.push(performance.now() - start)
    }
    times.sort((one, other) => one - other)
    console.log(`\n${name}: ${times[10]?.toFixed(2)} ms median, ${times[18]?.toFixed(2)} ms p95 of 20`)
    for (const row of (await database.query(`explain (analyze, buffers, costs off, timing off) ${sql}`)).rows)
      console.log(`  ${Plan.parse(row)['QUERY PLAN']}`)
  }
} finally {
  await database.end()
  await server.child.stop()
  rmSync(home.folder, { recursive: true, force: true })
}
