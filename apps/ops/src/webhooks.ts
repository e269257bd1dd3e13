import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  closeDb,
  createDb,
  createWebhookEndpoint,
  type Db,
  deleteWebhookEndpoint,
  encryptedWebhookSecrets,
  replaceEncryptedSecrets,
} from '@pay-to-view/db'
import { createSecretBox, newSigningSecret, type SecretBox } from '@pay-to-view/webhooks'
import { type Command, Option } from 'commander'
import { z } from 'zod'
import { environments, readEnvironment } from './env.ts'
import { parseWith } from './options.ts'

const actor = 'command line'

const withDatabase = async <T>(run: (db: Db, secrets: SecretBox) => Promise<T>): Promise<T> => {
  const env = readEnvironment(environments.webhooks)
  const db = createDb(env.DATABASE_URL, { connections: 1 })
  try {
    return await run(db, createSecretBox(env.WEBHOOKS_ENCRYPTION_KEYS))
  } finally {
    await closeDb(db)
  }
}

/** Forwards a message unchanged, so that the receiver can verify the signature. Returns the receiver's HTTP status and a description to print. */
const forwardMessage = async (url: string, body: Buffer, headers: IncomingMessage['headers']) => {
  const signed = ['content-type', 'webhook-id', 'webhook-timestamp', 'webhook-signature']
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: Object.fromEntries(signed.map((name) => [name, String(headers[name] ?? '')])),
      body: new Uint8Array(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(15_000),
    })
    return { status: response.status, note: `${url} responded with ${response.status}` }
  } catch {
    return { status: 502, note: `${url} did not respond` }
  }
}

const prettyJson = (body: Buffer): string => {
  try {
    return JSON.stringify(JSON.parse(body.toString('utf8')), null, 2)
  } catch {
    return body.toString('utf8')
  }
}

const printAndForward = async (
  request: IncomingMessage,
  response: ServerResponse,
  forward: string | undefined,
): Promise<void> => {
  const body = Buffer.concat(await request.toArray())
  console.log(`${request.headers['webhook-id']} ${prettyJson(body)}`)
  const { status, note } =
    forward === undefined ? { status: 200, note: null } : await forwardMessage(forward, body, request.headers)
  if (note !== null) console.log(note)
  response.writeHead(status).end()
}

const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })

/** Creates a webhook endpoint on this machine, prints and forwards its messages, and deletes the endpoint at the end. */
const listen = ({ forward }: { forward?: string }): Promise<void> =>
  withDatabase(async (db, secrets) => {
    const server = createServer((request, response) => {
      printAndForward(request, response, forward).catch(() => response.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (typeof address !== 'object' || address === null) throw new Error('The listener has no port')
    const secret = newSigningSecret()
    const created = await createWebhookEndpoint(db, {
      ...{ url: `http://127.0.0.1:${address.port}/`, events: ['*'], description: 'npm run webhooks -- listen' },
      ...{ maxPerSecond: null, maxConcurrent: null, secret: secrets.encrypt(secret), createdBy: actor, idempotencyKey: null },
    })
    if ('conflict' in created) throw new Error('Expected no idempotency key')
    console.error(`Signing secret: ${secret}`)
    console.error(
      `Listening for messages${forward === undefined ? '' : ` and forwarding them to ${forward}`}. Press Ctrl-C to stop.`,
    )
    try {
      await interrupted()
    } finally {
      await deleteWebhookEndpoint(db, created.endpoint.id, actor)
      server.closeAllConnections()
      server.close()
    }
  })

/** Encrypts all endpoint secrets with the first key, so that the other keys can be removed. */
const reencrypt = (): Promise<void> =>
  withDatabase(async (db, secrets) => {
    let count = 0
    for (const { id, secret, previousSecret } of await encryptedWebhookSecrets(db)) {
      const texts = [secret, ...(previousSecret === null ? [] : [previousSecret])]
      if (texts.every((text) => secrets.isCurrent(text))) continue
      const [next = secret, previous = null] = texts.map((text) => secrets.encrypt(secrets.decrypt(text)))
      const isReplaced = await replaceEncryptedSecrets(db, { id, secret }, { secret: next, previousSecret: previous })
      if (!isReplaced) throw new Error(`The secret of ${id} was rotated in the meantime. Run the command again.`)
      count++
    }
    console.log(`${count} ${count === 1 ? 'secret was' : 'secrets were'} encrypted with the first key.`)
  })

const receiver = z.url({ protocol: /^https?$/, error: 'Expected a URL such as http://127.0.0.1:4000/hook' })

/** Adds the `npm run webhooks -- listen|reencrypt` commands. */
export const addWebhooksCommand = (program: Command): void => {
  const webhooks = program
    .command('webhooks')
    .description("print the messages to webhook endpoints, and re-encrypt the endpoints' secrets (docs/webhooks.md)")
  webhooks
    .command('listen')
    .description('for development: print the messages of this installation, and forward them to a server on this machine')
    .addOption(new Option('--forward <url>', 'the URL at which your server receives the messages').argParser(parseWith(receiver)))
    .action(listen)
  webhooks
    .command('reencrypt')
    .description('encrypt the secrets of all endpoints with the first key in WEBHOOKS_ENCRYPTION_KEYS')
    .action(reencrypt)
}
