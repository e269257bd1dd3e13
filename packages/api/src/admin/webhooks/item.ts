import {
  deliveryStatuses,
  emailEndpointId,
  type IdempotentRequest,
  type LoggedDelivery,
  type WebhookEndpointDetails,
} from '@pay-to-view/db'
import { webhookMessageTypes } from '@pay-to-view/purchase'
import { z } from 'zod'
import { PurchaseId } from '../../purchases/schemas.ts'
import { text } from '../../text.ts'
import { generatedId, Time } from '../../values.ts'

const example = 'whe_01m85eetz2e8qthwsqr5v0dh8g'
const expectedEndpoint = `Expected the id of a webhook endpoint, such as ${example}`

/** The internal endpoint `email` delivers e-mails to buyers. Its deliveries can be listed and resent like any other endpoint's. */
export const DeliveryEndpointId = generatedId(expectedEndpoint).meta({
  description: 'Id of a webhook endpoint; `email` for the e-mails to buyers',
  example,
})

/** The configuration of the internal endpoint `email` cannot be changed by a caller. */
export const WebhookEndpointId = generatedId(expectedEndpoint)
  .refine((id) => id !== emailEndpointId, expectedEndpoint)
  .meta({ description: 'Id of a webhook endpoint', example })

export const WebhookMessageId = generatedId('Expected the id of a message, such as msg_01m85eetz2e8qthwsqr5v0dh8g').meta({
  description: 'The value of the `webhook-id` header',
  example: 'msg_01m85eetz2e8qthwsqr5v0dh8g',
})

/** Identifies a request by its caller and idempotency key. Returns null if the request has no key. */
export const requestOf = (by: string, idempotencyKey: string | undefined): IdempotentRequest =>
  idempotencyKey === undefined ? null : { by, idempotencyKey }

const eventNames = ['*', ...webhookMessageTypes] as const
const eventName = z.enum(eventNames, `Expected * or one of ${webhookMessageTypes.join(', ')}`)

const wholeNumber = (max: number) => {
  const expected = `Expected a whole number from 1 to ${max}`
  return z.int(expected).min(1, expected).max(max, expected)
}

/** The endpoint fields that a caller can write. */
export const endpointFields = {
  url: z.string('Expected a URL, such as https://www.example.com/hooks').trim().meta({
    description: 'An address on the internet that accepts POST',
    format: 'uri',
    example: 'https://www.example.com/hooks',
  }),
  events: z
    .array(eventName, 'Expected a list of message types')
    .min(1, 'Expected * or at least one message type')
    .max(eventNames.length, `Expected at most ${eventNames.length} types`)
    .transform((names) => [...new Set(names)])
    .meta({ description: 'The types of messages that the endpoint gets; * for all, including types added in later versions' }),
  description: text(500),
  maxPerSecond: wholeNumber(1_000)
    .nullable()
    .meta({ description: "Maximum number of messages per second from each worker; null for the worker's default" }),
  maxConcurrent: wholeNumber(100)
    .nullable()
    .meta({ description: "Maximum number of concurrent requests from each worker; null for the worker's default" }),
}

export const webhookEndpointItem = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(z.string()),
  description: z.string(),
  enabled: z.boolean().meta({ description: 'A disabled endpoint gets no messages, and none are recorded for it' }),
  disabledReason: z.string().nullable().meta({
    description: '`gone` if it responded with 410, `failing` after five days without a success; null if an operator disabled it',
  }),
  failingSince: Time.nullable().meta({ description: 'The first failed attempt since the last success' }),
  maxPerSecond: z.int().nullable(),
  maxConcurrent: z.int().nullable(),
  createdAt: Time,
})

export const toWebhookEndpointItem = ({
  failingSince,
  createdAt,
  ...endpoint
}: WebhookEndpointDetails): z.infer<typeof webhookEndpointItem> => ({
  ...endpoint,
  failingSince: failingSince?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
})

export const DeliveryStatus = z.enum(deliveryStatuses, `Expected one of ${deliveryStatuses.join(', ')}`).meta({
  description:
    '`pending`: waiting for the first attempt, or resent. `failing`: waiting for a retry. `failed`: not retried unless an operator resends the message',
})

export const deliveryItem = z.object({
  messageId: z.string().meta({ description: 'The value of the `webhook-id` header' }),
  type: z.string(),
  purchaseId: PurchaseId.nullable().meta({
    description: 'The purchase that the message is about; null for a test message and for access without a purchase',
  }),
  timestamp: Time.meta({ description: 'When the change was made; for a reminder, when it was due' }),
  status: DeliveryStatus,
  nextAttemptAt: Time.nullable(),
  attempts: z
    .array(
      z.object({
        time: Time,
        status: z.int().nullable().meta({ description: 'HTTP status, or SMTP status for e-mails; null without a response' }),
        durationMs: z.int(),
        error: z.string().nullable().meta({
          description: "Why there was no response; for e-mails, the mail server's status codes, or why it could not be reached",
        }),
        response: z.string().nullable().meta({ description: 'The first 1,024 bytes of the body' }),
      }),
    )
    .meta({ description: 'Oldest first, at most the last 50' }),
})

export const toDeliveryItem = (delivery: LoggedDelivery): z.infer<typeof deliveryItem> => ({
  messageId: delivery.messageId,
  type: delivery.type,
  purchaseId: delivery.purchaseId,
  timestamp: delivery.createdAt.toISOString(),
  status: delivery.status,
  nextAttemptAt: delivery.nextAttemptAt?.toISOString() ?? null,
  attempts: delivery.attempts.map(({ at, ...attempt }) => ({ time: at.toISOString(), ...attempt })),
})
