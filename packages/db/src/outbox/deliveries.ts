import { type Db, preparedQuery } from '../client.ts'
import type { DeliveryStatus } from './delivery-log.ts'

/** A message to send to an endpoint. */
export interface DueDelivery {
  messageId: string
  type: string
  data: Record<string, unknown>
  version: number
  createdAt: Date
  /** When the message was last resent; null if it was never resent. */
  resentAt: Date | null
  /** The number of previous attempts. */
  attempts: number
  /** The status of the delivery before this attempt. */
  status: DeliveryStatus
}

/** The endpoint data that a worker needs for requests to the endpoint. The secrets are encrypted. */
export interface DeliveryTarget {
  id: string
  kind: 'webhook' | 'email'
  url: string
  enabled: boolean
  secret: string
  previousSecret: string | null
  previousSecretUntil: Date | null
  maxPerSecond: number | null
  maxConcurrent: number | null
  failingSince: Date | null
}

export const deliveryTarget = async (db: Db, endpointId: string): Promise<DeliveryTarget | null> => {
  const [row] = await preparedQuery<DeliveryTarget>(db)`
    select id, kind, url, enabled, secret, previous_secret as "previousSecret", previous_secret_until as "previousSecretUntil",
      max_per_second as "maxPerSecond", max_concurrent as "maxConcurrent", failing_since as "failingSince"
    from webhook_endpoints where id = ${endpointId}`
  return row ?? null
}

type Row = Omit<DueDelivery, 'version'> & { version: string }

const toDelivery = ({ version, ...row }: Row): DueDelivery => ({ ...row, version: Number(version) })

/** Returns an endpoint's oldest pending deliveries, except the deliveries that are already being sent. */
export const pendingDeliveries = async (
  db: Db,
  endpointId: string,
  { limit, except }: { limit: number; except: readonly string[] },
): Promise<DueDelivery[]> => {
  const rows = await preparedQuery<Row>(db)`
    select message_id as "messageId", type, data, deliveries.version, outbox_messages.created_at as "createdAt",
      resent_at as "resentAt", attempts, status
    from deliveries join outbox_messages on outbox_messages.id = message_id
    where endpoint_id = ${endpointId} and status = 'pending' and message_id <> all (${[...except]}::text[])
    order by deliveries.version limit ${limit}`
  return rows.map(toDelivery)
}

export const findDelivery = async (db: Db, endpointId: string, messageId: string): Promise<DueDelivery | null> => {
  const [row] = await preparedQuery<Row>(db)`
    select message_id as "messageId", type, data, deliveries.version, outbox_messages.created_at as "createdAt",
      resent_at as "resentAt", attempts, status
    from deliveries join outbox_messages on outbox_messages.id = message_id
    where endpoint_id = ${endpointId} and message_id = ${messageId}`
  return row ? toDelivery(row) : null
}

/** The outcome of one request to an endpoint. */
export interface AttemptOutcome {
  messageId: string
  at: Date
  durationMs: number
  /** The HTTP status; null if there was no response. */
  status: number | null
  error: string | null
  response: string | null
  result: Exclude<DeliveryStatus, 'pending'>
  /** When a failing delivery is retried. */
  nextAttemptAt: Date | null
  /** True if the outcome says nothing about the endpoint's health, for example when an e-mail address is invalid. */
  isNeutral?: boolean
}

/**
 * Stores the outcomes of attempts. If another attempt has delivered the message in the meantime, the delivery stays `succeeded`. An
 * endpoint has been failing since the first failure after its last success. If the endpoint was deleted, its deliveries were deleted
 * too, and the outcomes are not stored.
 */
export const recordAttempts = async (db: Db, endpointId: string, outcomes: readonly AttemptOutcome[]): Promise<void> => {
  if (outcomes.length === 0) return
  await preparedQuery(db)`
    with outcome as (
      select * from jsonb_to_recordset(${JSON.stringify(outcomes)}::jsonb) as outcome (
        "messageId" text, at timestamptz, "durationMs" int, status int, error text, response text, result text, "nextAttemptAt" timestamptz, "isNeutral" boolean
      )
    ), updated as (
      update deliveries set attempts = attempts + 1,
        status = case when deliveries.status = 'succeeded' then deliveries.status else outcome.result end,
        next_attempt_at = case when deliveries.status = 'succeeded' then null else outcome."nextAttemptAt" end
      from outcome where endpoint_id = ${endpointId} and message_id = outcome."messageId"
      returning message_id
    ), logged as (
      insert into delivery_attempts (endpoint_id, message_id, at, duration_ms, status, error, response)
      select ${endpointId}, outcome."messageId", outcome.at, outcome."durationMs", outcome.status, outcome.error, outcome.response
      from outcome join updated on updated.message_id = outcome."messageId"
    )
    update webhook_endpoints set failing_since = case
        when exists (select from outcome where result = 'succeeded') then null
        else coalesce(failing_since, (select min(at) from outcome where "isNeutral" is not true))
      end
    where id = ${endpointId} and (failing_since is null) <> exists (select from outcome where result = 'succeeded')`
}
