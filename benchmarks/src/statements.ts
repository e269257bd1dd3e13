/**
 * node --import tsx benchmarks/src/statements.ts [seconds]: prints the SQL statements of a purchase lifecycle in Markdown, with counts from
 * pg_stat_statements.
 */

import { withClient } from '@pay-to-view/devstack/postgres'
import { z } from 'zod'
import { closeConnections } from './http.ts'
import { applyLoad } from './load.ts'
import { runLifecycle } from './purchase-lifecycle.ts'
import { startBenchStack } from './stack.ts'
import { createUserPool } from './users.ts'

const seconds = z.coerce.number().int().min(1).default(8).parse(process.argv[2])
const concurrency = 16
const warmUpSeconds = 3
const stack = await startBenchStack({ statements: true, log: (line) => console.error(line) })
const Row = z.object({ query: z.string(), calls: z.number(), planned: z.number(), executed: z.number(), wal: z.number() })
try {
  const users = createUserPool(stack.dataFolder)
  for (const target of stack.targets) {
    const lifecycle = async () => runLifecycle(target, await users.next(target.name), stack.webhookSecret, 50)
    await applyLoad(target, concurrency, warmUpSeconds, lifecycle)
    await stack.analyze()
    await withClient(stack.databaseUrl, (client) => client.query('select pg_stat_statements_reset()'))
    const { results } = await applyLoad(target, concurrency, seconds, lifecycle)
    const { rows } = await withClient(stack.databaseUrl, (client) =>
      client.query(`
        select regexp_replace(query, '\\s+', ' ', 'g') as query, calls::float8, total_plan_time as planned, total_exec_time as executed, wal_bytes::float8 as wal
        from pg_stat_statements where query !~ 'pg_stat_statements' order by total_plan_time + total_exec_time desc limit 14`),
    )
    console.log(`\n${target.name}, ${results.length} lifecycles\n`)
    console.log('| statement | per lifecycle | ms planning | ms execution | bytes of WAL |\n| --- | --- | --- | --- | --- |')
    for (const row of z.array(Row).parse(rows)) {
      const perLifecycle = [row.calls, row.planned, row.executed, row.wal].map((value) => (value / results.length).toFixed(2))
      console.log(`| \`${row.query.slice(0, 70).replaceAll('|', '/')}\` | ${perLifecycle.join(' | ')} |`)
    }
  }
} finally {
  closeConnections()
  await stack.stop()
}
