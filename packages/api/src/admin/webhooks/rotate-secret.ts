import { z } from 'zod'
import { IdempotencyKey } from '../../idempotency-key.ts'
import { scopedProcedure } from '../../trpc.ts'
import { requestOf, WebhookEndpointId } from './item.ts'

/** Replaces the signing secret. For 24 hours, messages are signed with both the old and the new secret. */
export const rotateSecret = scopedProcedure('webhooks:write')
  .meta({
    rest: {
      method: 'POST',
      path: '/admin/v1/pay-to-view/webhook-endpoints/{id}/rotate-secret',
      summary: 'Replace the signing secret',
      tag: 'admin',
      headers: { idempotencyKey: 'Idempotency-Key' },
      errors: ['webhook_endpoint_not_found', 'webhooks_not_configured', 'idempotency_conflict'],
    },
  })
  .input(z.strictObject({ id: WebhookEndpointId, idempotencyKey: IdempotencyKey.optional() }))
  .output(
    z.object({
      secret: z.string().optional().meta({
        description: 'The new secret, shown only once: repeating the request with the same Idempotency-Key does not return it',
        example: 'whsec_…',
      }),
    }),
  )
  .mutation(async ({ ctx, input: { id, idempotencyKey } }) => {
    const { secret } = await ctx.services.operator.rotateWebhookSecret(id, ctx.user.id, requestOf(ctx.user.id, idempotencyKey))
    return secret === null ? {} : { secret }
  })
