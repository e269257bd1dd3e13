import { emailEndpointId } from '@pay-to-view/db'
import { z } from 'zod'
import { ApiError } from '../../errors.ts'
import { IdempotencyKey } from '../../idempotency-key.ts'
import { scopedProcedure } from '../../trpc.ts'
import { Timestamp } from '../../values.ts'
import { DeliveryEndpointId, requestOf, WebhookMessageId } from './item.ts'

const path = '/admin/v1/pay-to-view/webhook-endpoints/{id}/deliveries'

/** Resends a message, keeping its id. */
export const resend = scopedProcedure('webhooks:write')
  .meta({
    rest: {
      method: 'POST',
      path: `${path}/{messageId}/resend`,
      summary: 'Send a message again',
      tag: 'admin',
      statuses: [202],
      headers: { idempotencyKey: 'Idempotency-Key' },
      errors: ['webhook_endpoint_not_found', 'webhook_message_not_found', 'webhook_endpoint_disabled', 'idempotency_conflict'],
    },
  })
  .input(z.strictObject({ id: DeliveryEndpointId, messageId: WebhookMessageId, idempotencyKey: IdempotencyKey.optional() }))
  .output(z.object({ success: z.literal(true) }))
  .mutation(async ({ ctx, input: { id, messageId, idempotencyKey } }) => {
    await ctx.services.operator.resendWebhookMessage(id, messageId, requestOf(ctx.user.id, idempotencyKey))
    return { success: true as const }
  })

/**
 * Resends all messages since a given time, keeping their ids, including messages that only other endpoints received while this endpoint was
 * disabled.
 */
export const resendSince = scopedProcedure('webhooks:write')
  .meta({
    rest: {
      method: 'POST',
      path: `${path}/resend`,
      summary: 'Send all messages since a given time again',
      tag: 'admin',
      statuses: [202],
      headers: { idempotencyKey: 'Idempotency-Key' },
      errors: ['webhook_endpoint_not_found', 'webhook_endpoint_disabled', 'idempotency_conflict'],
    },
  })
  .input(
    z.strictObject({
      id: DeliveryEndpointId,
      since: Timestamp,
      onlyFailed: z
        .boolean('Expected true or false')
        .default(false)
        .meta({ description: 'Only messages that the endpoint has not received; must be true for `email`' }),
      idempotencyKey: IdempotencyKey.optional(),
    }),
  )
  .output(z.object({ messages: z.int() }))
  .mutation(async ({ ctx, input: { id, since, onlyFailed, idempotencyKey } }) => {
    if (id === emailEndpointId && !onlyFailed)
      throw new ApiError('validation', {
        field: 'onlyFailed',
        message: 'Expected true: e-mails that were sent cannot be resent to all buyers. Resend a single e-mail by its id',
      })
    const options = { since: new Date(since), onlyFailed }
    return { messages: await ctx.services.operator.resendWebhookMessages(id, options, requestOf(ctx.user.id, idempotencyKey)) }
  })
