import { z } from 'zod'
import { IdempotencyKey } from '../../idempotency-key.ts'
import { scopedProcedure } from '../../trpc.ts'
import { requestOf, WebhookEndpointId } from './item.ts'

/** Sends a `test` message to one endpoint. */
export const test = scopedProcedure('webhooks:write')
  .meta({
    rest: {
      method: 'POST',
      path: '/admin/v1/pay-to-view/webhook-endpoints/{id}/test',
      summary: 'Send a test message',
      tag: 'admin',
      statuses: [202],
      headers: { idempotencyKey: 'Idempotency-Key' },
      errors: ['webhook_endpoint_not_found', 'webhook_endpoint_disabled', 'idempotency_conflict'],
    },
  })
  .input(z.strictObject({ id: WebhookEndpointId, idempotencyKey: IdempotencyKey.optional() }))
  .output(z.object({ messageId: z.string() }))
  .mutation(async ({ ctx, input: { id, idempotencyKey } }) => ({
    messageId: await ctx.services.operator.sendTestMessage(id, requestOf(ctx.user.id, idempotencyKey)),
  }))
