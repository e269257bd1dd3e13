import type { EmailType, WebhookMessageType } from '@pay-to-view/purchase'
import { typeid } from 'typeid-js'
import type { Prisma } from '../generated/client.ts'

type Tx = Prisma.TransactionClient

/**
 * The channel of Postgres's NOTIFY for new messages. The SQL function `record_messages` uses the same name. A payload is the id of an endpoint
 * with something to deliver. The relay also sweeps, so a notification may be lost.
 */
export const outboxChannel = 'outbox'

/** A message about a change. Its data contains no secrets, and no user data except the id. */
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

/** A new message id. Every delivery of the message sends this id in the `webhook-id` header. */
export const newMessageId = (): string => typeid('msg').toString()

/** The parameter of the SQL function `record_messages`. */
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
 * wants are written. If there is no such endpoint, they are not even built.
 */
export const recordMessages = async (tx: Tx, build: () => Promise<NewMessage[]>): Promise<void> => {
  const [row] = await tx.$queryRaw<{ wanted: boolean }[]>`
    SELECT EXISTS (SELECT FROM webhook_endpoints WHERE enabled) AS wanted`
  if (row?.wanted !== true) return
  const messages = await build()
  if (messages.length > 0) await tx.$executeRaw`SELECT record_messages(${messagesParameter(messages)}::jsonb)`
}

/** Makes the relay wake the workflow of an endpoint when the transaction commits. */
export const wakeEndpoint = async (tx: Tx, endpointId: string): Promise<void> => {
  await tx.$executeRaw`SELECT pg_notify(${outboxChannel}, ${endpointId})`
}
