/**
 * node --import tsx benchmarks/src/playback.ts [seconds]: compares the cost of starting a playback session with the cost of issuing a
 * playback token. Then measures the cost of 10,000 open sessions that each send a heartbeat every 30 seconds. In 240 seconds (the default),
 * every token is renewed once.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { withClient } from '@pay-to-view/devstack/postgres'
import { generateKeyPair, SignJWT } from 'jose'
import { z } from 'zod'
import { call, closeConnections } from './http.ts'
import { applyLoad } from './load.ts'
import { usageOf } from './process-usage.ts'
import { film } from './purchase-lifecycle.ts'
import { type BenchStack, startBenchStack } from './stack.ts'
import { median, quantile } from './statistics.ts'
import { createUserPool, type User } from './users.ts'

const seconds = z.coerce.number().int().min(30).default(240).parse(process.argv[2])
const sessionCount = 10_000
const [heartbeatMs, rounds, roundSeconds] = [30_000, 5, 3]
const path = '/client/v1/pay-to-view/access/playback'

/** Creates users with permanent access to the film. */
const createViewers = async ({ dataFolder, databaseUrl, analyze }: BenchStack, count: number): Promise<User[]> => {
  const pool = createUserPool(dataFolder)
  await pool.prepare('pay-to-view', count)
  const users: User[] = []
  while (users.length < count) users.push(await pool.next('pay-to-view'))
  await withClient(databaseUrl, (client) =>
    client.query(
      `insert into grants (id, user_id, entity_id, source, starts_at, first_played_at, reason, granted_by)
      select 'grant_0' || lpad(to_hex(n), 25, '0'), user_id, $1, 'complimentary', now(), now(), 'benchmark', 'benchmark'
      from unnest($2::text[]) with ordinality as users(user_id, n)`,
      [film, users.map(({ id }) => id)],
    ),
  )
  // Fills the play log as if after months of use, because Postgres would choose different plans for an empty table.
  await withClient(databaseUrl, (client) =>
    client.query(
      `insert into playback_sessions (id, user_id, entity_id, started_at, last_seen_at, ended_at, end_reason)
      select 'play_0' || lpad(to_hex(n), 25, '0'), ($1::text[])[1 + n % $2], $3, at, at, at, 'stopped'
      from (select n, now() - n * interval '1 minute' as at from generate_series(1, 100000) as n) as plays`,
      [users.map(({ id }) => id), users.length, film],
    ),
  )
  await analyze()
  return users
}

/** Returns the duration of one ES256 signature in milliseconds, with `concurrency` signatures at a time. */
const measureSignature = async (concurrency: number): Promise<number> => {
  const { privateKey } = await generateKeyPair('ES256')
  const times: number[] = []
  const sign = () => new SignJWT({ entityId: film }).setProtectedHeader({ alg: 'ES256' }).setSubject('user').sign(privateKey)
  const signInTurn = async () => {
    for (let n = 0; n < 2_000; n++) times.push(await timed(sign))
  }
  await Promise.all(Array.from({ length: concurrency }, signInTurn))
  return median(times)
}

const timed = async (operation: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await operation()
  return performance.now() - start
}

/** Alternates the two operations, so that both are measured under the same conditions. */
const compareStart = async ({ payToView, databaseUrl }: BenchStack, users: readonly User[]): Promise<void> => {
  let next = 0
  const post = (url: string, body: object) => {
    const { headers } = users[next++ % users.length] ?? {}
    return timed(() => call(payToView.url + url, { method: 'POST', ...(headers && { headers }), body: JSON.stringify(body) }))
  }
  const operations = {
    token: () => post(`${path}-token`, { entityId: film }),
    session: () => post(path, { entityId: film }),
  }
  // Ends all sessions, as when users leave the film, so that all places are free and a start does not end another session.
  const endSessions = () =>
    withClient(databaseUrl, (client) =>
      client.query(`update playback_sessions set ended_at = now(), end_reason = 'stopped' where ended_at is null`),
    )
  for (const concurrency of [1, 16]) {
    const times: Record<keyof typeof operations, { p50: number; cpu: number }[]> = { token: [], session: [] }
    for (let round = -1; round < rounds; round++) {
      for (const name of ['token', 'session'] as const) {
        await endSessions()
        const { results, cpu } = await applyLoad(payToView, concurrency, roundSeconds, operations[name])
        // The first round is a warm-up.
        if (round >= 0) times[name].push({ p50: median(results), cpu: cpu.server ?? 0 })
      }
    }
    await endSessions()
    const p50 = (name: keyof typeof operations) => median(times[name].map((time) => time.p50))
    const cpu = (name: keyof typeof operations) => median(times[name].map((time) => time.cpu))
    const signature = await measureSignature(concurrency)
    const goal = 1.5 * (p50('token') + signature)
    console.log(
      `at ${concurrency}: signature ${signature.toFixed(2)} ms; token ${p50('token').toFixed(2)} ms, ${cpu('token').toFixed(2)} ms of CPU; session ${p50('session').toFixed(2)} ms, ${cpu('session').toFixed(2)} ms of CPU; ratio ${(p50('session') / p50('token')).toFixed(2)}; goal at most ${goal.toFixed(2)} ms`,
    )
  }
}

const Started = z.object({ sessionId: z.string(), token: z.string() })

/** Spreads the heartbeats evenly, because real players start at different times. */
const measureHeartbeats = async ({ payToView }: BenchStack, users: readonly User[]): Promise<void> => {
  const sessions: { user: User; id: string }[] = []
  const remaining = users.values()
  const start = async () => {
    for (const user of remaining) {
      const body = JSON.stringify({ entityId: film })
      const { sessionId } = Started.parse(
        JSON.parse(await call(payToView.url + path, { method: 'POST', headers: user.headers, body })),
      )
      sessions.push({ user, id: sessionId })
    }
  }
  await Promise.all(Array.from({ length: 32 }, start))

  const times: number[] = []
  const beat = async ({ user, id }: (typeof sessions)[number], elapsedMs: number) => {
    const body = JSON.stringify({ positionSeconds: elapsedMs / 1000 })
    const url = `${payToView.url}${path}/${id}/heartbeat`
    times.push(await timed(() => call(url, { method: 'POST', headers: user.headers, body })))
  }
  const usage = () => Object.entries(payToView.processes).map(([name, pid]) => ({ name, ...usageOf(pid) }))
  const before = usage()
  const began = performance.now()
  const pending = new Set<Promise<void>>()
  for (let sent = 0; ; ) {
    const elapsedMs = performance.now() - began
    if (elapsedMs >= seconds * 1000) break
    for (const due = (elapsedMs / heartbeatMs) * sessions.length; sent < due; sent++) {
      const session = sessions[sent % sessions.length]
      if (!session) continue
      const call = beat(session, elapsedMs).finally(() => pending.delete(call))
      pending.add(call)
    }
    await sleep(5)
  }
  await Promise.all(pending)
  const elapsed = (performance.now() - began) / 1000
  console.log(
    `${sessions.length} sessions, ${times.length} heartbeats in ${elapsed.toFixed(0)} s: p50 ${median(times).toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms`,
  )
  for (const [index, { name, cpu, memory }] of usage().entries()) {
    const used = (cpu - (before[index]?.cpu ?? 0)) / 1000
    console.log(
      `${name}: ${used.toFixed(1)} CPU seconds, ${(used / elapsed).toFixed(3)} of a core, ${(memory / 2 ** 20).toFixed(0)} MiB`,
    )
  }
}

const stack = await startBenchStack({ log: (line) => console.error(line) })
try {
  const users = await createViewers(stack, sessionCount)
  await compareStart(stack, users)
  await measureHeartbeats(stack, users)
} finally {
  closeConnections()
  await stack.stop()
}
