import { recordAudit } from '../audit.ts'
import type { Db } from '../client.ts'

/** Revokes a key. Returns false if it does not exist. Revoking it again has no effect. */
export const revokeApiKey = (db: Db, id: string, by: string): Promise<boolean> =>
  db.$transaction(async (tx) => {
    const { count } = await tx.apiKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: new Date() } })
    const row = await tx.apiKey.findUnique({ where: { id }, select: { name: true, scopes: true, prefix: true } })
    if (count > 0 && row) {
      await recordAudit(tx, { actor: by, action: 'api_key.revoked', subjectId: id, before: row, after: null })
    }
    return row !== null
  })
