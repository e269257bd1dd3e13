import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createDb } from '@pay-to-view/db'
import { migrate } from '@pay-to-view/db/migrate'
import { openHome } from '@pay-to-view/devstack/home'
import { freePort } from '@pay-to-view/devstack/ports'
import { startPostgres, withClient } from '@pay-to-view/devstack/postgres'
import { z } from 'zod'
import { quantile } from '../src/statistics.ts'
import { questionsOf } from './questions.ts'

// node --import tsx benchmarks/scale/run.ts [purchases]: times and plans of what is read, on a scratch Postgres.

const purchases = z.coerce.number().int().min(1000).default(1_000_000).parse(process.argv[2])
const home = openHome(mkdtempSync(path.join(tmpdir(), 'pay-to-view-scale-')))
const server = await startPostgres(home, { port: await freePort(), forgetful: true })

/** What Postgres has written into its log since the last look. */
const log = openSync(server.child.log, 'r')
let read = 0
const written = (): string => {
  const more = Buffer.alloc(fstatSync(log).size - read)
  readSync(log, more, 0, more.length, read)
  read += more.length
  return more.toString()
}

/** The plans in a log of auto_explain, without what every line begins with. */
const plansIn = (text: string): string[] =>
  [...text.matchAll(/duration: [\d.]+ ms {2}plan:\n((?:\t.*\n)+)/g)].map(([, plan = '']) =>
    plan.slice(plan.search(/^\t(?!Query Text).*\(.*rows=/m)),
  )

const execute = (sql: string) => withClient(server.databaseUrl, (client) => client.query(sql))

try {
  await migrate(server.databaseUrl)
  const began = performance.now()
  await execute(readFileSync(path.join(import.meta.dirname, 'generate.sql'), 'utf8').replaceAll(':purchases', String(purchases)))
  await execute('vacuum analyze')
  console.log(`${purchases} purchases made in ${((performance.now() - began) / 1000).toFixed(0)} s`)
  const { rows: sizes } = await execute(`
    select relname as table, reltuples::bigint as rows, round(pg_table_size(oid) / greatest(reltuples, 1)) as "bytes a row",
      round(pg_indexes_size(oid) / greatest(reltuples, 1)) as "of its indexes", pg_size_pretty(pg_total_relation_size(oid)) as all
    from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by pg_total_relation_size(oid) desc limit 6`)
  console.table(sizes)

  const times = new Map<string, number[]>()
  const db = createDb(server.databaseUrl)
  for (const [name, ask] of Object.entries(questionsOf(db))) {
    const took: number[] = []
    for (let at = 0; at < 30; at++) {
      const start = performance.now()
      await ask()
      took.push(performance.now() - start)
    }
    // The first ones read from disk and have Postgres plan.
    times.set(name, took.slice(5))
  }
  await db.$disconnect()

  await execute(`alter database pay_to_view set session_preload_libraries = 'auto_explain'`)
  for (const setting of ['log_min_duration = 0', 'log_analyze = on', 'log_timing = off']) {
    await execute(`alter database pay_to_view set auto_explain.${setting}`)
  }
  // One connection, so that the plan shown is the one that a statement has after its first times.
  const explained = createDb(server.databaseUrl, { connections: 1 })
  const plans = new Map<string, string[]>()
  for (const [name, ask] of Object.entries(questionsOf(explained))) {
    for (let at = 0; at < 8; at++) await ask()
    written()
    await ask()
    plans.set(name, plansIn(written()))
  }
  await explained.$disconnect()

  console.log('| question | median ms | p95 ms | read by |\n| --- | --- | --- | --- |')
  for (const [name, took] of times) {
    const ways = (plans.get(name) ?? []).flatMap((plan) =>
      [...plan.matchAll(/(?:Scan using|Seq Scan on) (\w+)/g)].map(([, way]) => way),
    )
    console.log(
      `| ${name} | ${quantile(took, 0.5).toFixed(2)} | ${quantile(took, 0.95).toFixed(2)} | ${[...new Set(ways)].join(', ')} |`,
    )
  }
  for (const [name, all] of plans) {
    console.log(`\n${name}`)
    for (const plan of all) console.log(plan.replaceAll(/^\t/gm, '  ').trimEnd())
  }
} finally {
  closeSync(log)
  await server.child.stop()
  rmSync(home.folder, { recursive: true, force: true })
}
