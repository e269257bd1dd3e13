/**
 * `node --import tsx benchmarks/webhooks/main.ts`: how fast one worker delivers webhook messages to one endpoint on this machine. The receiver
 * responds immediately. Latency counts from the commit of the message to its arrival.
 */
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { closeDb, createDb, createWebhookEndpoint, type Db } from '@pay-to-view/db'
import { createTemporaryDataFolder, removeDataFolder, startStack } from '@pay-to-view/devstack'
import { localWebhooksKey } from '@pay-to-view/devstack/secrets'
import { waitFor } from '@pay-to-view/devstack/wait'
import { createSecretBox, newSigningSecret } from '@pay-to-view/webhooks'
import { typeid } from 'typeid-js'

const idleMessages = 40
const rate = { perSecond: 200, seconds: 20 }
const burst = 5_000

const committedAt = new Map<string, number>()
/** A message may arrive before this process learns that it was committed. */
const arrivedAt = new Map<string, number>()

const receiver = createServer((request, response) => {
  const id = String(request.headers['webhook-id'])
  if (!arrivedAt.has(id)) arrivedAt.set(id, performance.now())
  request.resume()
  response.writeHead(204).end()
})

const record = async (db: Db, count: number): Promise<string[]> => {
  const ids = Array.from({ length: count }, () => typeid('msg').toString())
  const data = { userId: 'user-1', entityId: 'vid', hasAccess: true, startsAt: null, expiresAt: null, source: 'purchase' }
  const messages = ids.map((id) => ({ id, type: 'access.granted', data, user_id: 'user-1', purchase_id: null }))
  await db.$executeRaw`SELECT record_messages(${JSON.stringify(messages)}::jsonb)`
  for (const id of ids) committedAt.set(id, performance.now())
  return ids
}

const waitForAll = (ids: readonly string[]) =>
  waitFor(`${ids.length} messages`, () => ids.every((id) => arrivedAt.has(id)), { timeoutMs: 120_000, intervalMs: 20 })

const describe = (ids: readonly string[]): string => {
  const sorted = ids.map((id) => (arrivedAt.get(id) ?? Number.NaN) - (committedAt.get(id) ?? Number.NaN)).sort((a, b) => a - b)
  const at = (part: number): string => `${(sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(0)} ms`
  return `p50 ${at(0.5)}, p95 ${at(0.95)}, max ${at(1)}`
}

const measureIdle = async (db: Db): Promise<void> => {
  const ids: string[] = []
  for (let count = 0; count < idleMessages; count++) {
    const [id = ''] = await record(db, 1)
    ids.push(id)
    await waitForAll([id])
    await sleep(250)
  }
  console.log(`idle worker, ${idleMessages} messages one by one: ${describe(ids)}`)
}

const measureRate = async (db: Db): Promise<void> => {
  const ids: string[] = []
  const pending: Promise<void>[] = []
  const startedAt = performance.now()
  const total = rate.perSecond * rate.seconds
  for (let count = 0; count < total; count++) {
    const dueMs = (count * 1_000) / rate.perSecond - (performance.now() - startedAt)
    if (dueMs > 0) await sleep(dueMs)
    pending.push(record(db, 1).then(([id = '']) => void ids.push(id)))
  }
  await Promise.all(pending)
  const recordedSeconds = (performance.now() - startedAt) / 1_000
  await waitForAll(ids)
  const seconds = (performance.now() - startedAt) / 1_000
  console.log(
    `${total} messages in ${recordedSeconds.toFixed(1)} s (${(total / recordedSeconds).toFixed(0)} per second), delivered after ${seconds.toFixed(1)} s: ${describe(ids)}`,
  )
}

const measureBurst = async (db: Db): Promise<void> => {
  const startedAt = performance.now()
  const ids = await record(db, burst)
  await waitForAll(ids)
  const seconds = (performance.now() - startedAt) / 1_000
  console.log(`${burst} messages at once: ${seconds.toFixed(1)} s, ${(burst / seconds).toFixed(0)} per second`)
}

const dataFolder = createTemporaryDataFolder('pay-to-view-webhooks-')
const stack = await startStack(dataFolder, { ephemeral: true, web: false })
const db = createDb(stack.databaseUrl)
try {
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done))
  const address = receiver.address()
  if (typeof address !== 'object' || address === null) throw new Error('The receiver does not listen')
  const secrets = createSecretBox([Buffer.from(localWebhooksKey(dataFolder), 'base64')])
  await createWebhookEndpoint(db, {
    ...{ url: `http://127.0.0.1:${address.port}/`, events: ['*'], description: '', maxPerSecond: 1_000, maxConcurrent: null },
    ...{ secret: secrets.encrypt(newSigningSecret()), createdBy: 'benchmark', idempotencyKey: null },
  })
  await waitForAll(await record(db, 1))
  await measureIdle(db)
  await measureRate(db)
  await measureBurst(db)
} finally {
  await closeDb(db)
  await stack.stop()
  receiver.close()
  removeDataFolder(dataFolder)
}
