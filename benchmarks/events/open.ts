/**
 * node --import tsx benchmarks/events/open.ts [streams]: opens the given number of pages, which wait for a pre-sold live event. Measures
 * how long after `availableFrom` each page gets access. Also measures the latency of other reads during that time and, for comparison,
 * while the pages are waiting.
 */
import { type ClientRequest, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { issueToken } from '@pay-to-view/devstack'
import { withClient } from '@pay-to-view/devstack/postgres'
import { waitFor } from '@pay-to-view/devstack/wait'
import { z } from 'zod'
import { call, closeConnections } from '../src/http.ts'
import { film, product } from '../src/purchase-lifecycle.ts'
import { startBenchStack } from '../src/stack.ts'
import { median, quantile } from '../src/statistics.ts'

const streamCount = z.coerce.number().int().min(1).max(4_000).default(2_000).parse(process.argv[2])
const event = 'benchmark-event'
const measuredMs = 10_000
const readsAtOnce = 4

const userId = (index: number): string => `viewer-${index}`
const log = (line: string): void => console.error(line)

/** Sells the live event to every user, with the same rows as after a paid checkout. */
const sell = (databaseUrl: string, opensAt: Date): Promise<unknown> =>
  withClient(databaseUrl, async (client) => {
    await client.query(`insert into entities (id, type, title, available_from) values ($1, 'video', 'Event', $2)`, [
      event,
      opensAt,
    ])
    await client.query(
      `insert into purchases (id, user_id, entity_id, product_id, amount, currency, access_duration_days, checkout_request, checkout_deadline, status, open, completed_at, amount_paid, amount_subtotal, currency_paid, external_transaction_id)
      select 'ptv_0' || lpad(to_hex(n), 25, '0'), 'viewer-' || n, $1, $2, 499, 'usd', 2, '{}', now(), 'Completed', false, now(), 499, 499, 'usd', 'pi_' || n from generate_series(0, $3::int) n`,
      [event, product, streamCount],
    )
    await client.query(
      `insert into grants (id, user_id, entity_id, source, purchase_id, starts_at, pre_sold, access_duration_days)
      select 'grant_' || id, user_id, entity_id, 'purchase', id, now(), true, 2 from purchases where entity_id = $1`,
      [event],
    )
    await client.query('analyze')
  })

interface Page {
  isOpen: boolean
  /** When the page was notified that access has started; null before that. */
  accessAt: number | null
  connection: ClientRequest
}

/** Opens the event stream of a page. */
const openPage = async (url: string, token: string): Promise<Page> => {
  const input = encodeURIComponent(JSON.stringify({ entityId: event }))
  const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' }
  const connection = request(`${url}/trpc/access.watch?input=${input}`, { headers, agent: false })
  const page: Page = { isOpen: false, accessAt: null, connection }
  await new Promise<void>((resolve, reject) => {
    connection.on('response', (response) => {
      if (response.statusCode !== 200) reject(new Error(`access.watch returned ${response.statusCode}`))
      response.on('error', () => undefined)
      response.on('data', (chunk: Buffer) => {
        const text = chunk.toString()
        if (text.includes('"hasAccess":false')) page.isOpen = true
        if (text.includes('"hasAccess":true')) page.accessAt ??= Date.now()
        if (page.isOpen) resolve()
      })
    })
    connection.on('error', reject)
    connection.end()
  })
  return page
}

/** Checks access to another entity with a few concurrent calls, and returns the latencies in milliseconds. */
const measureReads = async (url: string, tokens: readonly string[], milliseconds: number): Promise<number[]> => {
  const latencies: number[] = []
  const endsAt = Date.now() + milliseconds
  let next = 0
  const read = async (): Promise<void> => {
    while (Date.now() < endsAt) {
      const headers = { authorization: `Bearer ${tokens[next++ % tokens.length]}` }
      const startedAt = performance.now()
      await call(`${url}/client/v1/pay-to-view/access?entityId=${film}`, { headers })
      latencies.push(performance.now() - startedAt)
      await sleep(20)
    }
  }
  await Promise.all(Array.from({ length: readsAtOnce }, read))
  return latencies
}

const describe = (latencies: readonly number[]): string =>
  `${latencies.length} reads, median ${median(latencies).toFixed(1)} ms, p99 ${quantile(latencies, 0.99).toFixed(1)} ms`

const stack = await startBenchStack({ log })
const pages: Page[] = []
try {
  const { url } = stack.payToView
  const farAway = new Date(Date.now() + 86_400_000)
  await sell(stack.databaseUrl, farAway)
  log(`Opening ${streamCount} pages`)
  const tokens: string[] = []
  for (let index = 0; index < streamCount; index++) tokens.push(await issueToken(stack.dataFolder, userId(index), { ttl: '1d' }))
  for (let index = 0; index < streamCount; index += 20)
    pages.push(...(await Promise.all(tokens.slice(index, index + 20).map((token) => openPage(url, token)))))
  await measureReads(url, tokens, 2_000)
  const waiting = await measureReads(url, tokens, measuredMs)
  console.log(`With ${streamCount} pages waiting: ${describe(waiting)}`)

  // The release is moved as an operator would move it, so all pages get one notification for the entity and wait for the new
  // time.
  const opensAt = new Date(Date.now() + 8_000)
  await withClient(stack.databaseUrl, async (client) => {
    await client.query('begin')
    await client.query('update entities set available_from = $1 where id = $2', [opensAt, event])
    await client.query('select pg_notify($1, $2)', ['access', JSON.stringify({ entityId: event })])
    await client.query('commit')
  })
  await sleep(opensAt.getTime() - Date.now() - 500)
  const opening = await measureReads(url, tokens, 3_500)
  await waitFor('every page to open', () => pages.every(({ accessAt }) => accessAt !== null), { timeoutMs: 60_000 })
  const delays = pages.map(({ accessAt }) => (accessAt ?? 0) - opensAt.getTime())
  console.log(`While the event opens: ${describe(opening)}`)
  console.log(
    `Pages get access after ${Math.min(...delays)} ms (first), ${median(delays).toFixed(0)} ms (median), ${quantile(delays, 0.99).toFixed(0)} ms (p99), ${Math.max(...delays)} ms (all)`,
  )
  if (Math.min(...delays) < 0) process.exitCode = 1
} finally {
  for (const { connection } of pages) connection.destroy()
  closeConnections()
  await stack.stop()
}
