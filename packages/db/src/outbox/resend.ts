import type { Db } from '../client.ts'
import { newMessageId, wakeEndpoint } from './record-messages.ts'
import { type IdempotentRequest, runOnce } from './requests.ts'

type Conflict = { conflict: true }

/**
 * Schedules a message for redelivery to an endpoint, with the same id and regardless of the delivery's status. This includes messages that
 * the endpoint never received because it was disabled. A message that the endpoint does not want is not sent, unless it was sent to the
 * endpoint before: test messages, and messages from before the endpoint's events changed. An e-mail that is not due yet is not sent early.
 * Returns false if the message does not exist or is not for the endpoint.
 */
export const resendMessage = async (
  db: Db,
  endpointId: string,
  messageId: string,
  repeated: IdempotentRequest = null,
): Promise<boolean | Conflict> => {
  const outcome = await db.$transaction((tx) =>
    runOnce(tx, endpointId, { request: `resend ${messageId}`, repeated }, async () => {
      const count = await tx.$executeRaw`
        INSERT INTO deliveries (endpoint_id, message_id, version)
        SELECT endpoint.id, message.id, message.version
        FROM outbox_messages AS message JOIN webhook_endpoints AS endpoint ON endpoint.id = ${endpointId}
        WHERE message.id = ${messageId} AND message.due_at IS NULL AND (
          wants_message(endpoint, message.type)
          OR EXISTS (SELECT FROM deliveries WHERE endpoint_id = endpoint.id AND message_id = message.id)
        )
        ON CONFLICT (endpoint_id, message_id)
          DO UPDATE SET status = 'pending', attempts = 0, next_attempt_at = NULL, resent_at = clock_timestamp()`
      if (count === 0) return null
      await wakeEndpoint(tx, endpointId)
      return messageId
    }),
  )
  return 'conflict' in outcome ? outcome : outcome.result !== null
}

export interface ResendOptions {
  since: Date
  onlyFailed: boolean
}

/**
 * Schedules redelivery of all messages that an endpoint wants and that were recorded since a given time. With `onlyFailed`, messages that
 * the endpoint has received are skipped. Returns the number of scheduled messages.
 */
export const resendSince = async (
  db: Db,
  endpointId: string,
  { since, onlyFailed }: ResendOptions,
  repeated: IdempotentRequest = null,
): Promise<number | Conflict> => {
  const request = `resend since ${since.toISOString()}${onlyFailed ? ' (only failed)' : ''}`
  const outcome = await db.$transaction(
    (tx) =>
      runOnce(tx, endpointId, { request, repeated }, async () => {
        const count = await tx.$executeRaw`
          INSERT INTO deliveries (endpoint_id, message_id, version)
          SELECT webhook_endpoints.id, message.id, message.version
          FROM outbox_messages AS message JOIN webhook_endpoints ON webhook_endpoints.id = ${endpointId}
          WHERE message.created_at >= ${since} AND message.dispatched_at IS NOT NULL AND wants_message(webhook_endpoints, message.type)
          ON CONFLICT (endpoint_id, message_id)
            DO UPDATE SET status = 'pending', attempts = 0, next_attempt_at = NULL, resent_at = clock_timestamp()
            WHERE NOT ${onlyFailed} OR deliveries.status <> 'succeeded'`
        if (count > 0) await wakeEndpoint(tx, endpointId)
        return String(count)
      }),
    { timeout: 60_000 },
  )
  return 'conflict' in outcome ? outcome : Number(outcome.result)
}

/** Schedules a test message for delivery to one endpoint. Returns the message's id. */
export const sendTestMessage = async (
  db: Db,
  endpointId: string,
  repeated: IdempotentRequest = null,
): Promise<string | Conflict> => {
  const id = newMessageId()
  const outcome = await db.$transaction((tx) =>
    runOnce(tx, endpointId, { request: 'test', repeated }, async () => {
      const now = new Date()
      const { version } = await tx.outboxMessage.create({
        data: { id, type: 'test', data: { endpointId }, createdAt: now, dispatchedAt: now },
        select: { version: true },
      })
      await tx.delivery.create({ data: { endpointId, messageId: id, version } })
      await wakeEndpoint(tx, endpointId)
      return id
    }),
  )
  return 'conflict' in outcome ? outcome : outcome.result
}
