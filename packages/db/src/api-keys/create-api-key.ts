import { typeid } from 'typeid-js'
import { recordAudit } from '../audit.ts'
import type { Db } from '../client.ts'
import { Prisma } from '../generated/client.ts'
import { type ApiKeyDetails, apiKeyColumns, toApiKeyDetails } from './api-key.ts'
import type { ApiKeyScope } from './scopes.ts'
import { displayPrefixOf, hashApiKey, newApiKeySecret } from './secret.ts'

export interface NewApiKey {
  name: string
  scopes: readonly ApiKeyScope[]
  /** The number of calls allowed per 10 seconds; null means the server's default. */
  rateLimit: number | null
  /** Null if the key does not expire. */
  expiresAt: Date | null
  /** The user id of the admin who creates the key, or the name that was passed to the command. */
  createdBy: string
  /** A repeated request with the same idempotency key creates nothing. */
  idempotencyKey: string | null
}

export type CreateApiKeyResult =
  | { apiKey: ApiKeyDetails /** Null for a repeated request, because the secret is not stored. */; secret: string | null }
  /** The idempotency key was used for another API key. */
  | { conflict: true }

const uniqueScopes = (scopes: readonly ApiKeyScope[]): ApiKeyScope[] => [...new Set(scopes)]

/** Returns the result of a repeated request; null if the request is new. */
export const findRepeatedApiKey = async (db: Db, key: NewApiKey): Promise<CreateApiKeyResult | null> => {
  const { idempotencyKey, createdBy, name, rateLimit, expiresAt } = key
  if (idempotencyKey === null) return null
  const row = await db.apiKey.findUnique({
    where: { createdBy_idempotencyKey: { createdBy, idempotencyKey } },
    select: apiKeyColumns,
  })
  if (!row) return null
  const isEqual =
    row.name === name &&
    row.rateLimit === rateLimit &&
    row.expiresAt?.getTime() === expiresAt?.getTime() &&
    row.scopes.toSorted().join() === uniqueScopes(key.scopes).sort().join()
  return isEqual ? { apiKey: toApiKeyDetails(row), secret: null } : { conflict: true }
}

/** Creates an API key. Its secret is returned only once, and only its hash is stored. */
export const createApiKey = async (db: Db, key: NewApiKey): Promise<CreateApiKeyResult> => {
  const repetition = await findRepeatedApiKey(db, key)
  if (repetition) return repetition
  const secret = newApiKeySecret()
  const { name, rateLimit, expiresAt, createdBy, idempotencyKey } = key
  const id = typeid('key').toString()
  const scopes = uniqueScopes(key.scopes)
  const prefix = displayPrefixOf(secret)
  try {
    return await db.$transaction(async (tx) => {
      const data = { ...{ id, name, scopes, rateLimit, expiresAt, createdBy, idempotencyKey, prefix }, hash: hashApiKey(secret) }
      const row = await tx.apiKey.create({ data, select: apiKeyColumns })
      const after = { name, scopes, rateLimit, expiresAt: expiresAt?.toISOString() ?? null, prefix }
      await recordAudit(tx, { actor: createdBy, action: 'api_key.created', subjectId: id, before: null, after })
      return { apiKey: toApiKeyDetails(row), secret }
    })
  } catch (error) {
    const isUsed = error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002'
    const concurrent = isUsed ? await findRepeatedApiKey(db, key) : null
    if (concurrent) return concurrent
    throw error
  }
}
