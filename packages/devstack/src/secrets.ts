import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { DataFolder } from './data-folder.ts'
import { createFile, readIfExists } from './files.ts'

const Secrets = z.object({
  postgresPassword: z.string(),
  stripeSecretKey: z.string(),
  stripePublishableKey: z.string(),
  webhookSecret: z.string(),
})

export type Secrets = z.infer<typeof Secrets>

const random = () => randomBytes(18).toString('hex')

/** Returns the secrets that the local services share. They are created once and stored with the data that they protect. */
export const localSecrets = ({ secrets }: DataFolder): Secrets => {
  const created: Secrets = {
    postgresPassword: random(),
    stripeSecretKey: `sk_test_${random()}`,
    stripePublishableKey: `pk_test_${random()}`,
    webhookSecret: `whsec_${random()}`,
  }
  if (createFile(secrets, JSON.stringify(created, null, 2))) return created
  return Secrets.parse(JSON.parse(readIfExists(secrets) ?? ''))
}

/** Returns the key that encrypts the webhook endpoints' secrets, for WEBHOOKS_ENCRYPTION_KEYS. */
export const localWebhooksKey = ({ webhooksKey }: DataFolder): string => {
  const created = randomBytes(32).toString('base64')
  return createFile(webhooksKey, created) ? created : (readIfExists(webhooksKey) ?? '')
}
