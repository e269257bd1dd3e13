/** node --import tsx benchmarks/src/statements.ts [seconds]: what a life asks of Postgres, by pg_stat_statements, as a table in Markdown. */

import { withClient } from '@pay-to-view/devstack/postgres'
import { z } from 'zod'
import { hangUp } from './http.ts'
import { live } from './lifecycle.ts'
import { load } from './load.ts'
import { startParts } from './parts.ts'
import { createViewers } from './viewers.ts'

const seconds = z.coerce.number().int().min(1).default(8).parse(process.argv[2])
const parts = await startParts({ statements: true, say: (line) => console.error(line) })
const Row = z.object({ query: z.string(), calls: z.number(), planned: z.number(), executed: z.number(), wal: z.number() })
try {
  const viewers = createViewers(parts.home)
  for (const target of parts.targets) {
    const one = async () => live(target, await viewers.next(target.name), parts.webhookSecret, 50)
    await load(target, 16, 3, one)
    await parts.analyze()
    await withClient(parts.databaseUrl, (client) => client.query('select pg_stat_statements_reset()'))
    const { results } = await load(target, 16, seconds, one)
    const { rows } = await withClient(parts.databaseUrl, (client) =>
      client.query(`
        select regexp_replace(query, '\\s+', ' ', 'g') as query, calls::float8, total_plan_time as planned, total_exec_time as executed, wal_bytes::float8 as wal
        from pg_stat_statements where query !~ 'pg_stat_statements' order by total_plan_time + total_exec_time desc limit 14`),
    )
    console.log(
      `\n${target.name}, ${results.length} lives\n\n| statement | a life | ms planned | ms executed | bytes of WAL |\n| --- | --- | --- | --- | --- |`,
    )
    for (const row of z.array(Row).parse(rows)) {
      const each = (value: number) => (value / results.length).toFixed(2)
      const figures = [each(row.calls), each(row.planned), each(row.executed), each(row.wal)]
      console.log(`| \`${row.query.slice(0, 70).replaceAll('|', '/')}\` | ${figures.join(' | ')} |`)
    }
  }
} finally {
  hangUp()
  await parts.stop()
}
