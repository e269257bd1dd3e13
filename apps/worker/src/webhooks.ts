import { type Db, encryptedWebhookSecrets } from '@pay-to-view/db'
import type { Log } from '@pay-to-view/telemetry'
import { startWebhookRelay } from '@pay-to-view/temporal/webhook-relay'
import { createWebhookWorker, type WebhookWorkerDeps } from '@pay-to-view/temporal/webhook-worker'
import type { createWorkerClient } from '@pay-to-view/temporal/worker-connection'
import { createSecretBox, createWebhookSender, type SecretBox } from '@pay-to-view/webhooks'
import { createWebhookClient } from '@pay-to-view/workflow-client/webhooks'

export interface WebhookOptions {
  databaseUrl: string
  keys: Buffer[] | undefined
  allowPrivate: boolean
  client: ReturnType<typeof createWorkerClient>
  log: Log
}

/**
 * Returns an error message if the signing secret of an endpoint cannot be decrypted, in which case the process must not start. Otherwise,
 * returns null.
 */
const findUndecryptable = async (db: Db, box: SecretBox | null): Promise<string | null> => {
  const secrets = await encryptedWebhookSecrets(db)
  if (!box)
    return secrets.length === 0 ? null : 'WEBHOOKS_ENCRYPTION_KEYS: Expected the keys, because there are webhook endpoints'
  for (const { id, secret } of secrets) {
    try {
      box.decrypt(secret)
    } catch {
      return `WEBHOOKS_ENCRYPTION_KEYS: Expected the key that encrypted the secret of webhook endpoint ${id}`
    }
  }
  return null
}

/**
 * Starts delivering webhooks and e-mails. Returns null if there are neither encryption keys nor a mail server. Exits if the keys do not
 * match the endpoints in the database.
 */
export const startWebhooks = async (
  { databaseUrl, keys, allowPrivate, client, log }: WebhookOptions,
  deps: Omit<WebhookWorkerDeps, 'webhooks' | 'retries' | 'log'>,
) => {
  const secrets = keys ? createSecretBox(keys) : null
  // If the database is unavailable, the check is skipped.
  const problem = await findUndecryptable(deps.db, secrets).catch(() => null)
  if (problem !== null) {
    console.error(`${problem}\nThe Temporal worker does not start.`)
    process.exit(2)
  }
  if (!secrets && !deps.email) return null
  const sender = createWebhookSender({ allowPrivate })
  const workflows = createWebhookClient({ client, taskQueue: deps.taskQueue })
  const worker = await createWebhookWorker({
    ...deps,
    webhooks: secrets && { sender, secrets },
    retries: workflows,
    log,
  })
  const relay = startWebhookRelay({
    databaseUrl,
    db: deps.db,
    webhooks: workflows,
    onError: (err) => log.warn({ err }, 'webhook relay interrupted; it restarts'),
    onChange: (isRelay) => log.info({ isRelay }, 'webhook relay'),
  })
  return {
    worker,
    close: async () => {
      await relay.close()
      await sender.close()
    },
  }
}
