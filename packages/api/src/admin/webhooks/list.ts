import { z } from 'zod'
import { pageInput, pageOf, readCursor, toPage } from '../../cursor.ts'
import { scopedProcedure } from '../../trpc.ts'
import { toWebhookEndpointItem, WebhookEndpointId, webhookEndpointItem } from './item.ts'

/** The webhook endpoints, newest first. */
export const list = scopedProcedure('webhooks:write')
  .meta({
    rest: { method: 'GET', path: '/admin/v1/pay-to-view/webhook-endpoints', summary: 'List the webhook endpoints', tag: 'admin' },
  })
  .input(z.strictObject(pageInput))
  .output(pageOf(webhookEndpointItem))
  .query(async ({ ctx, input: { limit, cursor } }) => {
    const [before = null] = readCursor(cursor, z.tuple([WebhookEndpointId])) ?? []
    const rows = await ctx.services.reads.webhookEndpoints(before, limit + 1)
    return toPage(rows, limit, ({ id }) => [id], toWebhookEndpointItem)
  })
