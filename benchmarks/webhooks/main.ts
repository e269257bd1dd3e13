/**
 * node --import tsx benchmarks/webhooks/main.ts: measures how fast one worker delivers webhook messages to one endpoint, and e-mails to one
 * mail server, on this machine. The receivers respond immediately. Latency is the time from the commit of the message to its
 * arrival.
 */
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPayToViewClient } from '@pay-to-view/client'
import { closeDb, createDb, createWebhookEndpoint, type Db } from '@pay-to-view/db'
import { createTemporaryDataFolder, issueToken, removeDataFolder, seedIds, startStack } from '@pay-to-view/devstack'
import { startMailbox } from '@pay-to-view/devstack/mailbox'
import { localWebhooksKey } from '@pay-to-view/devstack/secrets'
import { waitFor } from '@pay-to-view/devstack/wait'
import { createSecretBox, newSigningSecret } from '@pay-to-view/webhooks'
import { typeid } from 'typeid-js'

const idleMessages = 40
const rate = { perSecond: 200, seconds: 20 }
const burst = { webhooks: 5_000, mails: 1_000 }
const buyers = 10

const committedAt = new Map<string, number>()
/**
 * The arrival times by message id. They are recorded for all messages, because a message may arrive before this process knows that it was
 * committed.
 */
const arrivedAt = new Map<string, number>()

const receiver = createServer((request, response) => {
  arrive(String(request.headers['webhook-id']))
  request.resume()
  response.writeHead(204).end()
})

const arrive = (id: string): void => {
  if (!arrivedAt.has(id)) arrivedAt.set(id, performance.now())
}

interface Message {
  type: string
  data: object
  user_id: string
  purchase_id: string | null
}

const access: Message = {
  type: 'access.granted',
  data: { userId: 'user-1', entityId: 'vid', hasAccess: true, startsAt: null, expiresAt: null, source: 'purchase' },
  ...{ user_id: 'user-1', purchase_id: null },
}

const record = async (db: Db, count: number, messages: readonly Message[] = [access]): Promise<string[]> => {
  const ids = Array.from({ length: count }, () => typeid('msg').toString())
  const rows = ids.map((id, index) => ({ id, ...messages[index % messages.length] }))
  await db.$executeRaw`SELECT record_messages(${JSON.stringify(rows)}::jsonb)`
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

const measureBurst = async (db: Db, name: string, count: number, messages?: readonly Message[]): Promise<void> => {
  const startedAt = performance.now()
  const ids = await record(db, count, messages)
  await waitForAll(ids)
  const seconds = (performance.now() - startedAt) / 1_000
  console.log(`${count} concurrent ${name}: ${seconds.toFixed(1)} s, ${(count / seconds).toFixed(0)} per second`)
}

/**
 * Creates purchases whose confirmations are sent repeatedly. For each e-mail, the worker reads the purchase from Postgres and the address
 * from Stripe.
 */
const buy = async (api: string, stripeApi: string): Promise<Message[]> => {
  const messages: Message[] = []
  for (let count = 0; count < buyers; count++) {
    const userId = `buyer-${count}`
    const token = await issueToken(dataFolder, userId, { email: `${userId}@mail.example` })
    const { purchases } = createPayToViewClient({ url: api, token })
    const { thirtyDayProduct: payToViewProductId, film: entityId } = seedIds
    const created = await purchases.create.mutate({ payToViewProductId, entityId, returnUrl: 'https://yoursite.com/' })
    if (!created.success) throw new Error('create returned no checkout')
    const { purchaseId, clientSecret } = created
    const sessionId = clientSecret.split('_secret_')[0] ?? ''
    const body = JSON.stringify({ card: '4242424242424242' })
    await fetch(`${stripeApi}/_test/checkout/sessions/${sessionId}/pay`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body },
    })
    const isPaid = async () => (await purchases.get.query({ id: purchaseId })).status === 'Completed'
    await waitFor('the payment', isPaid, { timeoutMs: 30_000, intervalMs: 50 })
    messages.push({ type: 'email.purchase_completed', data: { userId, purchaseId }, user_id: userId, purchase_id: purchaseId })
  }
  return messages
}

const dataFolder = createTemporaryDataFolder('pay-to-view-webhooks-')
const mailbox = await startMailbox(0, undefined, ({ messageId }) => arrive(/msg_\w+/.exec(messageId)?.[0] ?? ''))
const stack = await startStack(dataFolder, {
  ...{ ephemeral: true, web: false },
  workerEnvironment: {
    ...{ SMTP_URL: mailbox.url, EMAIL_FROM: 'tickets@cinema.example', EMAIL_SITE_NAME: 'Cinema' },
    ...{ EMAILS_PER_SECOND: '1000', EMAILS_AT_ONCE: '10' },
  },
})
const db = createDb(stack.databaseUrl)
try {
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done))
  const address = receiver.address()
  if (typeof address !== 'object' || address === null) throw new Error('The receiver is not listening')
  const secrets = createSecretBox([Buffer.from(localWebhooksKey(dataFolder), 'base64')])
  await createWebhookEndpoint(db, {
    ...{ url: `http://127.0.0.1:${address.port}/`, events: ['*'], description: '', maxPerSecond: 1_000, maxConcurrent: null },
    ...{ secret: secrets.encrypt(newSigningSecret()), createdBy: 'benchmark', idempotencyKey: null },
  })
  await waitForAll(await record(db, 1))
  await measureIdle(db)
  await measureRate(db)
  await measureBurst(db, 'messages', burst.webhooks)
  await measureBurst(db, 'e-mails', burst.mails, await buy(stack.api, stack.stripeApi))
} finally {
  await closeDb(db)
  await stack.stop()
  await mailbox.stop()
  receiver.close()
  removeDataFolder(dataFolder)
}
