import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { closeDb, createDb, type Db } from '@pay-to-view/db'
import { withClient } from '@pay-to-view/devstack/postgres'

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

/** Returns the plans that auto_explain has logged, without the log prefix and the query text. */
const parsePlans = (log: string): string[] =>
  [...log.matchAll(/duration: [\d.]+ ms {2}plan:\n((?:\t.*\n)+)/g)].map(([, plan = '']) =>
    plan.slice(plan.search(/^\t(?!Query Text).*\(.*rows=/m)),
  )

export interface ExplainOptions {
  databaseUrl: string
  /** Postgres's log file. */
  logFile: string
}

/** Returns the plans (EXPLAIN ANALYZE) of each query's statements, by query name. */
export const explainQueries = async (
  { databaseUrl, logFile }: ExplainOptions,
  queriesOf: (db: Db) => Record<string, () => Promise<unknown>>,
): Promise<Map<string, string[]>> => {
  const database = new URL(databaseUrl).pathname.slice(1)
  await withClient(databaseUrl, async (client) => {
    await client.query(`alter database ${database} set session_preload_libraries = 'auto_explain'`)
    for (const setting of ['log_min_duration = 0', 'log_analyze = on', 'log_timing = off', 'log_nested_statements = on']) {
      await client.query(`alter database ${database} set auto_explain.${setting}`)
    }
  })
  const log = openSync(logFile, 'r')
  // All runs use a single connection. By the ninth run, Postgres has chosen its final plan for a prepared statement.
  const db = createDb(databaseUrl, { connections: 1 })
  try {
    const readNew = tailReader(log)
    const plans = new Map<string, string[]>()
    for (const [name, query] of Object.entries(queriesOf(db))) {
      for (let run = 0; run < 8; run++) await query()
      readNew()
      await query()
      plans.set(name, parsePlans(readNew()))
    }
    return plans
  } finally {
    await closeDb(db)
    closeSync(log)
  }
}

/** Returns the distinct indexes and scanned tables in the plans. */
export const relationsOf = (plans: readonly string[]): string[] => [
  ...new Set(
    plans.flatMap((plan) => [...plan.matchAll(/(?:Scan using|Index Scan on|Seq Scan on) (\w+)/g)].map(([, name = '']) => name)),
  ),
]

export const printPlans = (plans: ReadonlyMap<string, readonly string[]>): void => {
  for (const [name, queryPlans] of plans) {
    console.log(`\n${name}`)
    for (const plan of queryPlans) console.log(plan.replaceAll(/^\t/gm, '  ').trimEnd())
  }
}
