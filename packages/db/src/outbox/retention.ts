import type { Db } from '../client.ts'
import { newEndpoint } from './requests.ts'

/**
 * Deletes at most `limit` messages that were recorded before a given time, oldest first, with their deliveries and attempts. A message that
 * still has to be delivered to an enabled endpoint is kept. Returns the number of deleted messages.
 */
export const deleteOldMessages = (db: Db, before: Date, limit: number): Promise<number> =>
  db.$executeRaw`
    delete from outbox_messages where id in (
      select id from outbox_messages as message
      where created_at < ${before} and dispatched_at is not null and not exists (
        select from deliveries join webhook_endpoints on webhook_endpoints.id = endpoint_id
        where message_id = message.id and enabled and status in ('pending', 'failing')
      )
      order by created_at limit ${limit})`

/** Deletes the idempotency keys of old requests, except requests that created an endpoint: repeating one must never create another. */
export const deleteOldRequests = async (db: Db, before: Date): Promise<void> => {
  await db.webhookRequest.deleteMany({ where: { createdAt: { lt: before }, endpointId: { not: newEndpoint } } })
}

/** Deletes replaced secrets that are no longer used to sign messages. */
export const deleteExpiredSecrets = async (db: Db, now: Date): Promise<void> => {
  await db.webhookEndpoint.updateMany({
    where: { previousSecretUntil: { lt: now } },
    data: { previousSecret: null, previousSecretUntil: null },
  })
}
