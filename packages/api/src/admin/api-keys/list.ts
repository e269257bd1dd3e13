import { z } from 'zod'
import { pageInput, pageOf, readCursor, toPage } from '../../cursor.ts'
import { adminProcedure } from '../../trpc.ts'
import { ApiKeyId, apiKeyItem, toApiKeyItem } from './item.ts'

/** The API keys that have not been revoked, newest first. */
export const list = adminProcedure
  .meta({ rest: { method: 'GET', path: '/admin/v1/pay-to-view/api-keys', summary: 'List the API keys', tag: 'admin' } })
  .input(z.strictObject(pageInput))
  .output(pageOf(apiKeyItem))
  .query(async ({ ctx, input: { limit, cursor } }) => {
    const [before = null] = readCursor(cursor, z.tuple([ApiKeyId])) ?? []
    const rows = await ctx.services.reads.apiKeys(before, limit + 1)
    return toPage(rows, limit, ({ id }) => [id], toApiKeyItem)
  })
