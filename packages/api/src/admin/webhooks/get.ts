import { z } from 'zod'
import { ApiError } from '../../errors.ts'
import { scopedProcedure } from '../../trpc.ts'
import { DeliveryEndpointId, toWebhookEndpointItem, webhookEndpointItem } from './item.ts'

export const get = scopedProcedure('webhooks:write')
  .meta({
    rest: {
      method: 'GET',
      path: '/admin/v1/pay-to-view/webhook-endpoints/{id}',
      summary: 'Get a webhook endpoint',
      tag: 'admin',
      errors: ['webhook_endpoint_not_found'],
    },
  })
  .input(z.strictObject({ id: DeliveryEndpointId }))
  .output(webhookEndpointItem)
  .query(async ({ ctx, input: { id } }) => {
    const endpoint = await ctx.services.reads.webhookEndpoint(id)
    if (!endpoint) throw new ApiError('webhook_endpoint_not_found', { field: 'id' })
    return toWebhookEndpointItem(endpoint)
  })
