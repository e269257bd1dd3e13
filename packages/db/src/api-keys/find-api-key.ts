import type { Db } from '../client.ts'
import { toKnownScopes } from './api-key.ts'
import type { ApiKeyScope } from './scopes.ts'
import { hashApiKey } from './secret.ts'

/** A key that was neither revoked nor expired when it was read. */
export interface ActiveApiKey {
  id: string
  scopes: ApiKeyScope[]
  rateLimit: number | null
  expiresAt: Date | null
  lastUsedAt: Date | null
}

/** Finds a key by its secret. Returns null if the key does not exist, was revoked or has expired. */
export const findApiKey = async (db: Db, secret: string, now = new Date()): Promise<ActiveApiKey | null> => {
  const row = await db.apiKey.findUnique({
    where: { hash: hashApiKey(secret), revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] },
    select: { id: true, scopes: true, rateLimit: true, expiresAt: true, lastUsedAt: true },
  })
  return row && { ...row, scopes: toKnownScopes(row.scopes) }
}

const lastUsedIntervalMs = 60_000

/** Records that a key was used. Writes at most once a minute. */
export const recordApiKeyUse = async (
  db: Db,
  { id, lastUsedAt }: Pick<ActiveApiKey, 'id' | 'lastUsedAt'>,
  now = new Date(),
): Promise<void> => {
  const minuteAgo = new Date(now.getTime() - lastUsedIntervalMs)
  if (lastUsedAt !== null && lastUsedAt > minuteAgo) return
  // Another server may have recorded a use since this server read the key.
  await db.apiKey.updateMany({
    where: { id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lte: minuteAgo } }] },
    data: { lastUsedAt: now },
  })
}
