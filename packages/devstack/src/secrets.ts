import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { createFile, readIfExists } from './files.ts'
import type { Home } from './home.ts'

const Secrets = z.object({
  postgresPassword: z.string(),
  stripeSecretKey: z.string(),
  stripePublishableKey: z.string(),
  webhookSecret: z.string(),
})

export type Secrets = z.infer<typeof Secrets>

const random = () => randomBytes(18).toString('hex')

/** The keys that the local parts know each other by: made once, kept with the data that they protect. */
export const localSecrets = ({ secrets }: Home): Secrets => {
  const fresh: Secrets = {
    postgresPassword: random(),
    stripeSecretKey: `sk_test_${random()}`,
    stripePublishableKey: `pk_test_${random()}`,
    webhookSecret: `whsec_${random()}`,
  }
  if (createFile(secrets, JSON.stringify(fresh, null, 2))) return fresh
  return Secrets.parse(JSON.parse(readIfExists(secrets) ?? ''))
}
