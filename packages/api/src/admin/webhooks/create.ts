import { z } from 'zod'
import { IdempotencyKey } from '../../idempotency-key.ts'
import { scopedProcedure } from '../../trpc.ts'
import { endpointFields, toWebhookEndpointItem, webhookEndpointItem } from './item.ts'

/** Creates a webhook endpoint. Only this response contains the signing secret. */
export const create = scopedProcedure('webhooks:write')
  .meta({
    rest: {
      method: 'POST',
      path: '/admin/v1/pay-to-view/webhook-endpoints',
      summary: 'Create a webhook endpoint',
      tag: 'admin',
      statuses: [201],
      headers: { idempotencyKey: 'Idempotency-Key' },
      errors: ['idempotency_conflict', 'webhooks_not_configured'],
    },
  })
  .input(
    z.strictObject({
      ...endpointFields,
      description: endpointFields.description.default(''),
      maxPerSecond: endpointFields.maxPerSecond.default(null),
      maxConcurrent: endpointFields.maxConcurrent.default(null),
      idempotencyKey: IdempotencyKey.optional(),
    }),
  )
  .output(
    webhookEndpointItem.extend({
      secret: z.string().optional().meta({
        description:
          'The signing secret, shown only once: repeating the request with the same Idempotency-Key does not return it',
        example: 'whsec_…',
      }),
    }),
  )
  .mutation(async ({ ctx, input: { idempotencyKey = null, ...fields } }) => {
    const { operator } = ctx.services
    const { endpoint, secret } = await operator.createWebhookEndpoint({ ...fields, createdBy: ctx.user.id, idempotencyKey })
    return { ...toWebhookEndpointItem(endpoint), ...(secret !== null && { secret }) }
  })
