import { type ApiKeyDetails, apiKeyScopes } from '@pay-to-view/db'
import { z } from 'zod'
import { generatedId, Time } from '../../values.ts'

export const Scope = z.enum(apiKeyScopes, `Expected one of ${apiKeyScopes.join(', ')}`)

export const ApiKeyId = generatedId('Expected the id of an API key, such as key_01m85eetz2e8qthwsqr5v0dh8g')

export const apiKeyItem = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string().meta({ description: 'The first characters of the key', example: 'ptvk_3kTq' }),
  scopes: z.array(Scope),
  rateLimit: z
    .int()
    .nullable()
    .meta({ description: "Maximum number of calls in 10 seconds, per server; null for the server's default" }),
  createdBy: z.string(),
  createdAt: Time,
  expiresAt: Time.nullable().meta({ description: 'Null for a key that does not expire' }),
  lastUsedAt: Time.nullable().meta({ description: 'May be up to a minute old' }),
})

export const toApiKeyItem = ({ createdAt, expiresAt, lastUsedAt, ...key }: ApiKeyDetails): z.infer<typeof apiKeyItem> => ({
  ...key,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
})
