import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createWebhookEndpoint } from '@pay-to-view/db'
import type { DataFolder } from '@pay-to-view/devstack'
import { type Child, startChildUntilReady } from '@pay-to-view/devstack/child'
import { localWebhooksKey } from '@pay-to-view/devstack/secrets'
import { respondsOk } from '@pay-to-view/devstack/wait'
import { purchaseMessages, statuses } from '@pay-to-view/purchase'
import { createSecretBox, newSigningSecret } from '@pay-to-view/webhooks'
import { z } from 'zod'
import type { StackDriver } from './scenarios/driver.ts'

const receivedFile = ({ path: folder }: DataFolder): string => path.join(folder, 'received.jsonl')

/** Returns a function that starts the site's receiver of webhook messages. It keeps what it has received in a file. */
export const webhookReceiver = (dataFolder: DataFolder, port: number, secret: string) => async (): Promise<{ child: Child }> => ({
  child: await startChildUntilReady(
    {
      name: 'webhook receiver',
      command: process.execPath,
      args: ['--import', 'tsx', 'apps/chaos/src/webhook-receiver.ts'],
      env: { PORT: String(port), RECEIVED_FILE: receivedFile(dataFolder), WEBHOOK_SECRET: secret },
      log: path.join(dataFolder.logs, 'webhook-receiver.log'),
    },
    () => respondsOk(`http://127.0.0.1:${port}/`),
    { signal: new AbortController().signal },
  ),
})

/** Creates the endpoint of the receiver, before the first purchase, so that every change has messages. */
export const createReceiverEndpoint = async (
  { db }: StackDriver,
  dataFolder: DataFolder,
  { port, secret }: { port: number; secret: string },
): Promise<void> => {
  const box = createSecretBox([Buffer.from(localWebhooksKey(dataFolder), 'base64')])
  await createWebhookEndpoint(db, {
    ...{ url: `http://127.0.0.1:${port}/hook`, events: ['*'], description: 'chaos', maxPerSecond: null, maxConcurrent: null },
    ...{ secret: box.encrypt(secret), createdBy: 'chaos', idempotencyKey: null },
  })
}

export { newSigningSecret }

/** Makes retries due, because the schedule of the standard takes days. */
export const advanceRetries = async ({ query }: StackDriver): Promise<void> => {
  await query(`update deliveries set status = 'pending', next_attempt_at = null where status = 'failing'`)
}

const Entry = z.object({ id: z.string(), isValid: z.boolean() })

const readReceived = (dataFolder: DataFolder): z.infer<typeof Entry>[] =>
  readFileSync(receivedFile(dataFolder), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Entry.parse(JSON.parse(line)))

const Change = z.object({ purchaseId: z.string(), from: z.enum(statuses), to: z.enum(statuses) })

/** The messages about changes of status that the timelines require, against those that were recorded. */
const compareStatusMessages = async ({ query }: StackDriver): Promise<string[]> => {
  const expected = new Map<string, number>()
  const changes = await query(`select purchase_id as "purchaseId", from_status as "from", to_status as "to" from changes`)
  for (const { purchaseId, from, to } of z.array(Change).parse(changes))
    for (const type of purchaseMessages(from, to)) {
      const key = `${purchaseId} ${type}`
      expected.set(key, (expected.get(key) ?? 0) + 1)
    }
  const recorded = await query(
    `select purchase_id || ' ' || type as key, count(*)::int as count from outbox_messages where type like 'purchase.%' group by 1`,
  )
  const found = new Map(recorded.map(({ key, count }) => [String(key), Number(count)]))
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((key) => {
    const [want = 0, have = 0] = [expected.get(key), found.get(key)]
    return want === have ? [] : [`${key}: ${have} messages instead of ${want}`]
  })
}

/** Every change has its messages, each was delivered, and the receiver got nothing else. */
export const findWebhookViolations = async (driver: StackDriver, dataFolder: DataFolder): Promise<string[]> => {
  const { query } = driver
  const violations = await compareStatusMessages(driver)
  const grants = await query(
    `select grants.id, revoked_at is null as active, count(*) filter (where type = 'access.granted')::int as granted,
       count(*) filter (where type = 'access.revoked')::int as revoked
     from grants left join outbox_messages on data ->> 'grantId' = grants.id group by grants.id, revoked_at
     having count(*) filter (where type = 'access.granted') - count(*) filter (where type = 'access.revoked') <> case when revoked_at is null then 1 else 0 end`,
  )
  violations.push(
    ...grants.map(
      ({ id, active, granted, revoked }) => `grant ${id} (active: ${active}) has ${granted} granted and ${revoked} revoked`,
    ),
  )
  const refunds = await query(
    `select id, status from refunds where not exists (
       select from outbox_messages where type = 'refund.updated' and data #>> '{refund,refundId}' = refunds.id
         and data #>> '{refund,status}' = refunds.status
     )`,
  )
  violations.push(...refunds.map(({ id, status }) => `no message says that the refund ${id} is ${status}`))
  const undelivered = await query(
    `select message.id, deliveries.status from outbox_messages as message left join deliveries on message_id = message.id
     where deliveries.status is distinct from 'succeeded'`,
  )
  violations.push(...undelivered.map(({ id, status }) => `the message ${id} is ${status ?? 'not dispatched'}`))
  const received = readReceived(dataFolder)
  const recorded = new Set((await query('select id from outbox_messages')).map(({ id }) => String(id)))
  const arrived = new Set(received.filter(({ isValid }) => isValid).map(({ id }) => id))
  violations.push(...[...arrived].filter((id) => !recorded.has(id)).map((id) => `the receiver got ${id}, which was not recorded`))
  violations.push(...[...recorded].filter((id) => !arrived.has(id)).map((id) => `the receiver did not get ${id}`))
  const invalid = received.filter(({ isValid }) => !isValid).length
  if (invalid > 0) violations.push(`the receiver rejected the signatures of ${invalid} requests`)
  return violations
}

/** For the report: messages, and requests that delivered one again. */
export const countReceived = (dataFolder: DataFolder): { messages: number; repeated: number } => {
  const received = readReceived(dataFolder)
  const messages = new Set(received.map(({ id }) => id)).size
  return { messages, repeated: received.length - messages }
}
