import path from 'node:path'
import { createWebhookEndpoint } from '@pay-to-view/db'
import type { DataFolder } from '@pay-to-view/devstack'
import { type Child, startChildUntilReady } from '@pay-to-view/devstack/child'
import { readIfExists } from '@pay-to-view/devstack/files'
import { localWebhooksKey } from '@pay-to-view/devstack/secrets'
import { respondsOk } from '@pay-to-view/devstack/wait'
import { countOf, purchaseMessages, statuses } from '@pay-to-view/purchase'
import { createSecretBox, newSigningSecret } from '@pay-to-view/webhooks'
import { execaSync } from 'execa'
import { z } from 'zod'
import { mailsFile } from './emails.ts'
import type { StackDriver } from './scenarios/driver.ts'

/** The webhook receivers. The first receiver is killed during a run. The second receiver runs only if Python is installed. */
const programs = {
  'webhook receiver': { command: process.execPath, args: ['--import', 'tsx', 'apps/chaos/src/webhook-receiver.ts'] },
  'Python receiver': { command: 'python3', args: ['apps/chaos/src/webhook_receiver.py'] },
} as const
type ReceiverName = keyof typeof programs

export const isPythonInstalled = (): boolean => execaSync('python3', ['--version'], { reject: false }).exitCode === 0

const receivedFile = ({ path: folder }: DataFolder, name: ReceiverName): string =>
  path.join(folder, `${name.toLowerCase().replace(' ', '-')}.jsonl`)

export interface Receiver {
  name: ReceiverName
  port: number
  secret: string
}

export const newReceiver = (name: ReceiverName, port: number): Receiver => ({ name, port, secret: newSigningSecret() })

/**
 * Returns a function that starts a receiver. A receiver writes every message that it receives to a file; the JavaScript receiver is also
 * the mail server.
 */
export const receiverLauncher = (dataFolder: DataFolder, { name, port, secret }: Receiver, smtpPort: number) => {
  const spec = {
    ...{ name, ...programs[name] },
    env: {
      PORT: String(port),
      RECEIVED_FILE: receivedFile(dataFolder, name),
      WEBHOOK_SECRET: secret,
      SMTP_PORT: String(smtpPort),
      MAILS_FILE: mailsFile(dataFolder),
    },
    log: path.join(dataFolder.logs, `${name.toLowerCase().replace(' ', '-')}.log`),
  }
  return async (): Promise<{ child: Child }> => ({
    child: await startChildUntilReady(spec, () => respondsOk(`http://127.0.0.1:${port}/`), {
      signal: new AbortController().signal,
    }),
  })
}

/** Creates a receiver's webhook endpoint. Must be called before the first purchase, so that every change produces messages. */
export const createReceiverEndpoint = async (
  { db }: StackDriver,
  dataFolder: DataFolder,
  { name, port, secret }: Receiver,
): Promise<void> => {
  const box = createSecretBox([Buffer.from(localWebhooksKey(dataFolder), 'base64')])
  await createWebhookEndpoint(db, {
    ...{ url: `http://127.0.0.1:${port}/hook`, events: ['*'], description: name, maxPerSecond: null, maxConcurrent: null },
    ...{ secret: box.encrypt(secret), createdBy: 'chaos', idempotencyKey: null },
  })
}

/** Makes failed deliveries due now, because the standard retry schedule takes days. */
export const advanceRetries = async ({ query }: StackDriver): Promise<void> => {
  await query(`update deliveries set status = 'pending', next_attempt_at = null where status = 'failing'`)
}

const Entry = z.object({ id: z.string(), isValid: z.boolean() })

const readReceived = (dataFolder: DataFolder, name: ReceiverName): z.infer<typeof Entry>[] =>
  (readIfExists(receivedFile(dataFolder, name)) ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Entry.parse(JSON.parse(line)))

const Change = z.object({ purchaseId: z.string(), from: z.enum(statuses), to: z.enum(statuses) })

/** Compares the recorded messages with the messages that the status changes in the timelines should have produced. */
const compareStatusMessages = async ({ query }: StackDriver): Promise<string[]> => {
  const expected = new Map<string, number>()
  // The expiry of a purchase whose checkout Stripe has rejected produces no message.
  const changes = await query(
    `select purchase_id as "purchaseId", from_status as "from", to_status as "to" from changes join purchases on purchases.id = purchase_id
    where not (to_status = 'Expired' and is_checkout_rejected(purchases))`,
  )
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
    return want === have ? [] : [`${key}: expected ${countOf(want, 'message')}, got ${have}`]
  })
}

/** Checks that a receiver got every message, and no other messages. */
const compareReceived = (name: ReceiverName, received: z.infer<typeof Entry>[], recorded: ReadonlySet<string>): string[] => {
  const arrived = new Set(received.filter(({ isValid }) => isValid).map(({ id }) => id))
  const invalid = received.filter(({ isValid }) => !isValid).length
  return [
    ...[...arrived].filter((id) => !recorded.has(id)).map((id) => `the ${name} got ${id}, which was not recorded`),
    ...[...recorded].filter((id) => !arrived.has(id)).map((id) => `the ${name} did not get ${id}`),
    ...(invalid > 0 ? [`the ${name} rejected the signature of ${countOf(invalid, 'request')}`] : []),
  ]
}

/** Checks that every change produced its messages, that each message was delivered, and that the receivers got no other messages. */
export const findWebhookViolations = async (
  driver: StackDriver,
  dataFolder: DataFolder,
  receivers: readonly Receiver[],
): Promise<string[]> => {
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
      ({ id, active, granted, revoked }) =>
        `grant ${id} (active: ${active}) has ${granted} access.granted and ${revoked} access.revoked messages`,
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
     where deliveries.status is distinct from 'succeeded' and due_at is null`,
  )
  violations.push(...undelivered.map(({ id, status }) => `the message ${id} is ${status ?? 'not dispatched'}`))
  const recorded = new Set(
    (await query(`select id from outbox_messages where type not like 'email.%'`)).map(({ id }) => String(id)),
  )
  for (const { name } of receivers) violations.push(...compareReceived(name, readReceived(dataFolder, name), recorded))
  return violations
}

/** Returns the number of distinct messages and the number of repeated deliveries, for the report. */
export const countReceived = (dataFolder: DataFolder, receivers: readonly Receiver[]): { messages: number; repeated: number } => {
  const received = receivers.map(({ name }) => readReceived(dataFolder, name).map(({ id }) => id))
  const messages = received.reduce((sum, ids) => sum + new Set(ids).size, 0)
  return { messages, repeated: received.flat().length - messages }
}
