import { type Db, preparedQuery } from '../client.ts'

/** The maximum number of messages that the relay dispatches at a time. */
export const dispatchBatchSize = 500

/**
 * Creates deliveries for new messages, one for each enabled endpoint that wants the message. Each dispatched message is marked
 * individually, because transactions do not commit in the order of their message versions, so a cursor would skip messages. Returns the
 * number of messages and the ids of the endpoints to wake.
 */
export const dispatchMessages = async (db: Db): Promise<{ messages: number; endpointIds: string[] }> => {
  const [row] = await preparedQuery<{ messages: number; endpointIds: string[] }>(db)`
    with batch as (
      select id, type, version from outbox_messages where dispatched_at is null and due_at is null order by version limit ${dispatchBatchSize}
      for update skip locked
    ), marked as (
      update outbox_messages set dispatched_at = now() from batch where outbox_messages.id = batch.id
    ), made as (
      insert into deliveries (endpoint_id, message_id, version)
      select webhook_endpoints.id, batch.id, batch.version
      from batch join webhook_endpoints on wants_message(webhook_endpoints, batch.type)
      on conflict do nothing
      returning endpoint_id
    )
    select (select count(*) from batch)::int as messages,
      coalesce((select array_agg(distinct endpoint_id) from made), '{}') as "endpointIds"`
  return row ?? { messages: 0, endpointIds: [] }
}

/**
 * Releases messages that are now due, earliest first. Released messages are treated and listed as new messages. Returns the number of
 * released messages.
 */
export const releaseDueMessages = (db: Db): Promise<number> =>
  db.$executeRaw`
    update outbox_messages set created_at = now(), due_at = null, version = nextval(pg_get_serial_sequence('outbox_messages', 'version'))
    where id in (select id from outbox_messages where due_at <= now() order by due_at limit ${dispatchBatchSize} for update skip locked)`

/**
 * Returns enabled endpoints with deliveries that are waiting for their first attempt because the endpoint's workflow was not woken or is
 * busy.
 */
export const endpointsWithPendingDeliveries = async (db: Db): Promise<string[]> => {
  const rows = await preparedQuery<{ id: string }>(db)`
    select id from webhook_endpoints
    where enabled and exists (select from deliveries where endpoint_id = webhook_endpoints.id and status = 'pending')`
  return rows.map(({ id }) => id)
}

/**
 * Returns deliveries whose retry is overdue, for example because the workflow was never started, or because Temporal was restored from a
 * backup.
 */
export const overdueRetries = (db: Db, before: Date, limit: number): Promise<{ endpointId: string; messageId: string }[]> =>
  preparedQuery<{ endpointId: string; messageId: string }>(db)`
    select endpoint_id as "endpointId", message_id as "messageId" from deliveries
    where status = 'failing' and next_attempt_at < ${before} and exists (
      select from webhook_endpoints where id = endpoint_id and enabled
    )
    order by next_attempt_at limit ${limit}`

/**
 * Returns the number of undispatched messages, the age of the oldest undispatched message, and the numbers of pending and failing
 * deliveries.
 */
export const outboxState = async (
  db: Db,
): Promise<{ undispatched: number; pending: number; failing: number; oldestSeconds: number }> => {
  const [row] = await preparedQuery<{ undispatched: number; pending: number; failing: number; oldestSeconds: number }>(db)`
    select (select count(*) from outbox_messages where dispatched_at is null and due_at is null)::int as undispatched,
      (select count(*) from deliveries where status = 'pending')::int as pending,
      (select count(*) from deliveries where status = 'failing')::int as failing,
      coalesce(extract(epoch from now() - (select min(created_at) from outbox_messages where dispatched_at is null and due_at is null)), 0)::float as "oldestSeconds"`
  return row ?? { undispatched: 0, pending: 0, failing: 0, oldestSeconds: 0 }
}
