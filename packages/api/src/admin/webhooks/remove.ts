import { z } from 'zod'
import { scopedProcedure } from '../../trpc.ts'
import { WebhookEndpointId } from './item.ts'

/** Deletes a webhook endpoint and its deliveries. */
export const remove = scopedProcedure('webhooks:write')
  .meta({
    rest: {
      method: 'DELETE',
      path: '/admin/v1/pay-to-view/webhook-endpoints/{id}',
      summary: 'Delete a webhook endpoint and its deliveries',
      tag: 'admin',
      statuses: [204],
      errors: ['webhook_endpoint_not_found'],
    },
  })
  .input(z.strictObject({ id: WebhookEndpointId }))
  .output(z.object({ success: z.literal(true) }))
  .mutation(async ({ ctx, input: { id } }) => {
    await ctx.services.operator.deleteWebhookEndpoint(id, ctx.user.id)
    return { success: true as const }
  })
