import { z } from 'zod'
import { pageInput, pageOf, readCursor, toPage } from '../../cursor.ts'
import { ApiError } from '../../errors.ts'
import { scopedProcedure } from '../../trpc.ts'
import { DeliveryStatus, deliveryItem, toDeliveryItem, WebhookEndpointId } from './item.ts'

/** The messages for an endpoint with the attempts to deliver them, newest first. */
export const deliveries = scopedProcedure('webhooks:write')
  .meta({
    rest: {
      method: 'GET',
      path: '/admin/v1/pay-to-view/webhook-endpoints/{id}/deliveries',
      summary: 'List the deliveries to a webhook endpoint',
      tag: 'admin',
      errors: ['webhook_endpoint_not_found'],
    },
  })
  .input(z.strictObject({ id: WebhookEndpointId, status: DeliveryStatus.optional(), ...pageInput }))
  .output(pageOf(deliveryItem))
  .query(async ({ ctx, input: { id, status = null, limit, cursor } }) => {
    const [before = null] = readCursor(cursor, z.tuple([z.int()])) ?? []
    const { reads } = ctx.services
    if (!(await reads.webhookEndpoint(id))) throw new ApiError('webhook_endpoint_not_found', { field: 'id' })
    const rows = await reads.deliveries(id, { status, before, limit: limit + 1 })
    return toPage(rows, limit, ({ version }) => [version], toDeliveryItem)
  })
