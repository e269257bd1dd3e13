import type { Db } from '../client.ts'
import { type ApiKeyDetails, apiKeyColumns, toApiKeyDetails } from './api-key.ts'

/** Returns at most `limit` keys that have not been revoked, newest first. `before` is the last id of the previous page. */
export const listApiKeys = async (db: Db, before: string | null, limit: number): Promise<ApiKeyDetails[]> => {
  const rows = await db.apiKey.findMany({
    // Ids begin with their creation time, so ordering by id orders by age.
    where: { revokedAt: null, ...(before !== null && { id: { lt: before } }) },
    orderBy: { id: 'desc' },
    take: limit,
    select: apiKeyColumns,
  })
  return rows.map(toApiKeyDetails)
}
