import { z } from 'zod'
import { scopedProcedure } from '../../trpc.ts'
import { WebhookEndpointId } from './item.ts'

/** Sends a message of the type `test` to one endpoint. */
export const test = scopedProcedure('webhooks:write')
  .meta({
    rest: {
      method: 'POST',
      path: '/admin/v1/pay-to-view/webhook-endpoints/{id}/test',
      summary: 'Send a test message',
      tag: 'admin',
      statuses: [202],
      errors: ['webhook_endpoint_not_found', 'webhook_endpoint_disabled'],
    },
  })
  .input(z.strictObject({ id: WebhookEndpointId }))
  .output(z.object({ messageId: z.string() }))
  .mutation(async ({ ctx, input: { id } }) => ({ messageId: await ctx.services.operator.sendTestMessage(id) }))
