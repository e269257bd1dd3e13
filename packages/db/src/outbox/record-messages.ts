import type { EmailType, WebhookMessageType } from '@pay-to-view/purchase'
import { typeid } from 'typeid-js'
import type { Prisma } from '../generated/client.ts'

type Tx = Prisma.TransactionClient

/**
 * The Postgres NOTIFY channel for new messages. The SQL function `record_messages` uses the same channel name. A payload, if present, is
 * the id of an endpoint with pending deliveries. Lost notifications do no harm, because the relay also polls.
 */
export const outboxChannel = 'outbox'

/** A message about a change. The data contains no secrets and no user data except the user's id. */
export interface NewMessage {
  type: WebhookMessageType | EmailType
  data: Prisma.InputJsonObject
  userId: string
  purchaseId: string | null
  /** When the message is due; immediately if omitted. */
  dueAt?: Date
  /** Of several messages with the same key, only the first is written. */
  dedupeKey?: string
}

/** Returns a new message id. Every delivery of the message sends this id in the `webhook-id` header. */
export const newMessageId = (): string => typeid('msg').toString()

/** Returns the parameter for the SQL function `record_messages`. */
export const messagesParameter = (messages: readonly NewMessage[]): string =>
  JSON.stringify(
    messages.map(({ type, data, userId, purchaseId, dueAt, dedupeKey }) => ({
      ...{ id: newMessageId(), type, data, user_id: userId, purchase_id: purchaseId },
      ...(dueAt && { due_at: dueAt }),
      ...(dedupeKey !== undefined && { dedupe_key: dedupeKey }),
    })),
  )

/**
 * Writes messages in the transaction that makes the change, so messages and changes always agree. Only messages that an enabled endpoint
 * wants are written. If no endpoint is enabled, the messages are not even built.
 */
export const recordMessages = async (tx: Tx, build: () => Promise<NewMessage[]>): Promise<void> => {
  const [row] = await tx.$queryRaw<{ wanted: boolean }[]>`
    SELECT EXISTS (SELECT FROM webhook_endpoints WHERE enabled) AS wanted`
  if (row?.wanted !== true) return
  const messages = await build()
  if (messages.length > 0) await tx.$executeRaw`SELECT record_messages(${messagesParameter(messages)}::jsonb)`
}

/** Makes the relay wake an endpoint's workflow when the transaction commits. */
export const wakeEndpoint = async (tx: Tx, endpointId: string): Promise<void> => {
  await tx.$executeRaw`SELECT pg_notify(${outboxChannel}, ${endpointId})`
}
