/**
 * node --import tsx benchmarks/scale/access.ts [purchases]: compares the speed of two kinds of access check (the union of all grants and
 * the lookup of a single grant) in alternating rounds of 16 concurrent calls. Uses a temporary Postgres with generated data.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { batchLoader, closeDb, createDb, createReads, preparedQuery } from '@pay-to-view/db'
import { migrate } from '@pay-to-view/db/migrate'
import { createTemporaryDataFolder, removeDataFolder } from '@pay-to-view/devstack'
import { freePort } from '@pay-to-view/devstack/ports'
import { startPostgres, withClient } from '@pay-to-view/devstack/postgres'
import { z } from 'zod'
import { quantile } from '../src/statistics.ts'

const concurrency = 16
const rounds = 12
const secondsPerRound = 2
const filmCount = 2_000

const purchaseCount = z.coerce.number().int().min(1000).default(1_000_000).parse(process.argv[2])
const dataFolder = createTemporaryDataFolder('pay-to-view-access-')
const server = await startPostgres(dataFolder, { port: await freePort(), ephemeral: true })
const execute = (sql: string) => withClient(server.databaseUrl, (client) => client.query(sql))

/** The table and index of an alternative data model with one grant per user and entity and a stored expiry. */
const singleGrants = `
  create table single_grants as
    select distinct on (user_id, entity_id) purchase_id, user_id, entity_id, starts_at as granted_at, revoked_at as ended_at,
      grant_expires_at(grants, starts_at) as expires_at
    from grants order by user_id, entity_id, starts_at desc;
  create unique index one_single_grant on single_grants (user_id, entity_id) where ended_at is null;`

interface Key {
  userId: string
  entityId: string
}

/** Checks access in the alternative data model, with the same batching as the server's reads. */
const readSingleGrant = batchLoader(
  100,
  (db, keys: readonly Key[]) => preparedQuery(db)`
    select lookup."entityId", active.purchase_id, active.expires_at, active.granted_at
    from unnest((select ${keys.map(({ userId }) => userId)}::text[]), (select ${keys.map(({ entityId }) => entityId)}::text[]))
      with ordinality as lookup("userId", "entityId", position)
    left join lateral (
      select purchase_id, expires_at, granted_at
      from (
        select lookup."entityId" as entity_id, null::timestamptz as removed_at
        union all
        select container_id, containments.removed_at from containments where member_id = lookup."entityId"
      ) as granting
      join single_grants on user_id = lookup."userId" and single_grants.entity_id = granting.entity_id
        and ended_at is null and (expires_at is null or expires_at > now())
      where granting.removed_at is null
      order by expires_at desc nulls first limit 1
    ) as active on true
    order by position`,
)

const id = (n: number): string => `vid_0${n.toString(16).padStart(25, '0')}`
const randomUser = (): string => `user-${Math.floor(Math.random() * 250_000)}`
const randomFilm = (): string => id(1 + Math.floor(Math.random() * filmCount))

/** Runs a round and returns the duration of each call, in milliseconds. */
const measure = async (call: () => Promise<unknown>): Promise<number[]> => {
  const durations: number[] = []
  const end = performance.now() + secondsPerRound * 1000
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() < end) {
        const start = performance.now()
        await call()
        durations.push(performance.now() - start)
      }
    }),
  )
  return durations
}

try {
  await migrate(server.databaseUrl)
  const sql = readFileSync(path.join(import.meta.dirname, 'generate.sql'), 'utf8')
  await execute(
    sql.replaceAll(':purchases', String(purchaseCount)).replaceAll(':films', String(filmCount)).replaceAll(':channels', '100'),
  )
  await execute(singleGrants)
  await execute('vacuum analyze')
  const db = createDb(server.databaseUrl)
  const reads = createReads(db)
  const variants = {
    'one grant': () => readSingleGrant(db, { userId: randomUser(), entityId: randomFilm() }),
    'union of grants': () => reads.access(randomUser(), [randomFilm()]),
  }
  const perSecond: Record<string, number[]> = {}
  const durations: Record<string, number[]> = {}
  for (let round = 0; round <= rounds; round++) {
    for (const [name, call] of Object.entries(variants)) {
      const measured = await measure(call)
      // The first round is slower, because it reads from disk and plans the statements.
      if (round === 0) continue
      perSecond[name] = [...(perSecond[name] ?? []), measured.length / secondsPerRound]
      durations[name] = [...(durations[name] ?? []), ...measured]
    }
  }
  for (const name of Object.keys(variants)) {
    const [rates, times] = [perSecond[name] ?? [], durations[name] ?? []]
    const [median, p99] = [quantile(times, 0.5), quantile(times, 0.99)]
    console.log(
      `${name}: median of ${rounds} rounds ${quantile(rates, 0.5).toFixed(0)}/s, p50 ${median.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`,
    )
  }
  const { rows } = await execute(
    `explain (analyze, buffers) select * from access_periods('${randomUser()}', '${randomFilm()}', now())`,
  )
  for (const row of rows) console.log(row['QUERY PLAN'])
  await closeDb(db)
} finally {
  await server.child.stop()
  removeDataFolder(dataFolder)
}
