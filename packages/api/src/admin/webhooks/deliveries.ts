import { z } from 'zod'
import { pageInput, pageOf, readCursor, toPage } from '../../cursor.ts'
import { ApiError } from '../../errors.ts'
import { PurchaseId } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'
import { DeliveryEndpointId, DeliveryStatus, deliveryItem, toDeliveryItem } from './item.ts'

/** The messages for an endpoint, newest first, each with its delivery attempts. */
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
  .input(
    z.strictObject({
      id: DeliveryEndpointId,
      status: DeliveryStatus.optional(),
      purchaseId: PurchaseId.optional(),
      ...pageInput,
    }),
  )
  .output(pageOf(deliveryItem))
  .query(async ({ ctx, input: { id, status = null, purchaseId = null, limit, cursor } }) => {
    const [before = null] = readCursor(cursor, z.tuple([z.int()])) ?? []
    const { reads } = ctx.services
    if (!(await reads.webhookEndpoint(id))) throw new ApiError('webhook_endpoint_not_found', { field: 'id' })
    const rows = await reads.deliveries(id, { status, purchaseId, before, limit: limit + 1 })
    return toPage(rows, limit, ({ version }) => [version], toDeliveryItem)
  })
