import { z } from 'zod'
import type { ApiKey, Prisma } from '../generated/client.ts'
import { type ApiKeyScope, apiKeyScopes } from './scopes.ts'

/** An API key as operators see it. */
export interface ApiKeyDetails {
  id: string
  name: string
  /** The first characters of the key. */
  prefix: string
  scopes: ApiKeyScope[]
  /** The number of calls allowed per 10 seconds; null means the server's default. */
  rateLimit: number | null
  createdBy: string
  createdAt: Date
  /** Null if the key does not expire. */
  expiresAt: Date | null
  /** Recorded at most once a minute, so the time may lag by a minute. */
  lastUsedAt: Date | null
}

export const apiKeyColumns = {
  ...{ id: true, name: true, prefix: true, scopes: true, rateLimit: true },
  ...{ createdBy: true, createdAt: true, expiresAt: true, lastUsedAt: true },
} satisfies Prisma.ApiKeySelect

/** Unknown scopes are ignored, because a newer version may have stored them. */
const knownScope = z.enum(apiKeyScopes)

export const toKnownScopes = (scopes: readonly string[]): ApiKeyScope[] =>
  scopes.flatMap((scope) => knownScope.safeParse(scope).data ?? [])

export const toApiKeyDetails = ({ scopes, ...row }: Pick<ApiKey, keyof typeof apiKeyColumns>): ApiKeyDetails => ({
  ...row,
  scopes: toKnownScopes(scopes),
})
