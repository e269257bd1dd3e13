import { z } from 'zod'
import { scopedProcedure } from '../../trpc.ts'
import { endpointFields, toWebhookEndpointItem, WebhookEndpointId, webhookEndpointItem } from './item.ts'

/** Changes a webhook endpoint. Omitted fields are not changed. */
export const update = scopedProcedure('webhooks:write')
  .meta({
    rest: {
      method: 'PATCH',
      path: '/admin/v1/pay-to-view/webhook-endpoints/{id}',
      summary: 'Change, enable or disable a webhook endpoint',
      tag: 'admin',
      errors: ['webhook_endpoint_not_found', 'webhooks_not_configured'],
    },
  })
  .input(
    z.strictObject({
      id: WebhookEndpointId,
      ...z.strictObject({ ...endpointFields, enabled: z.boolean('Expected true or false') }).partial().shape,
    }),
  )
  .output(webhookEndpointItem)
  .mutation(async ({ ctx, input: { id, ...changes } }) =>
    toWebhookEndpointItem(await ctx.services.operator.updateWebhookEndpoint(id, changes, ctx.user.id)),
  )
