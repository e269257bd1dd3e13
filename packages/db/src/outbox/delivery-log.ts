import { type Db, preparedQuery } from '../client.ts'

/**
 * `pending`: waiting for the first attempt, or for the first attempt after a resend. `failing`: waiting for a retry. `failed`: not retried
 * anymore.
 */
export const deliveryStatuses = ['pending', 'failing', 'succeeded', 'failed'] as const
export type DeliveryStatus = (typeof deliveryStatuses)[number]

export interface LoggedAttempt {
  at: Date
  durationMs: number
  status: number | null
  error: string | null
  response: string | null
}

export interface LoggedDelivery {
  messageId: string
  type: string
  /** Null for a test message, and for a message about a grant that does not come from a purchase. */
  purchaseId: string | null
  version: number
  status: DeliveryStatus
  createdAt: Date
  nextAttemptAt: Date | null
  /** The attempts, oldest first. */
  attempts: LoggedAttempt[]
}

/** The maximum number of attempts shown for one message. Older attempts appear only in the chart. */
const maxAttempts = 50

/**
 * Returns a filter for the messages about a purchase. The filter includes the user, because the user's id is indexed and the purchase's id
 * is not.
 */
const aboutPurchase = async (db: Db, purchaseId: string) => {
  const purchase = await db.purchase.findUnique({ where: { id: purchaseId }, select: { userId: true } })
  return { message: { purchaseId, userId: purchase?.userId ?? '' } }
}

export interface DeliveryFilter {
  status: DeliveryStatus | null
  purchaseId: string | null
  before: number | null
  limit: number
}

/** Returns an endpoint's deliveries, newest first. `before` is the version of the last delivery on the previous page. */
export const listDeliveries = async (
  db: Db,
  endpointId: string,
  { status, purchaseId, before, limit }: DeliveryFilter,
): Promise<LoggedDelivery[]> => {
  const rows = await db.delivery.findMany({
    where: {
      endpointId,
      ...(status !== null && { status }),
      ...(before !== null && { version: { lt: before } }),
      ...(purchaseId !== null && (await aboutPurchase(db, purchaseId))),
    },
    orderBy: { version: 'desc' },
    take: limit,
    select: {
      ...{ messageId: true, version: true, status: true, nextAttemptAt: true },
      message: { select: { type: true, createdAt: true, purchaseId: true } },
      log: {
        orderBy: { id: 'desc' },
        take: maxAttempts,
        select: { at: true, durationMs: true, status: true, error: true, response: true },
      },
    },
  })
  return rows.map(({ message, log, version, status: text, ...row }) => ({
    ...row,
    ...message,
    version: Number(version),
    status: deliveryStatuses.find((known) => known === text) ?? 'pending',
    attempts: log.reverse(),
  }))
}

export interface DeliveryStatistics {
  from: Date
  succeeded: number
  failed: number
  /** The median and the 95th percentile of the response times in milliseconds; null if there were no attempts. */
  p50: number | null
  p95: number | null
}

/** Returns statistics of an endpoint's attempts in periods of equal length. Periods without attempts are omitted. */
export const deliveryStatistics = (
  db: Db,
  endpointId: string,
  { from, stepSeconds }: { from: Date; stepSeconds: number },
): Promise<DeliveryStatistics[]> =>
  preparedQuery<DeliveryStatistics>(db)`
    select to_timestamp(floor(extract(epoch from at) / ${stepSeconds}) * ${stepSeconds}) as from,
      count(*) filter (where status between 200 and 299)::int as succeeded,
      count(*) filter (where status is null or status not between 200 and 299)::int as failed,
      percentile_cont(0.5) within group (order by duration_ms)::float as p50,
      percentile_cont(0.95) within group (order by duration_ms)::float as p95
    from delivery_attempts where endpoint_id = ${endpointId} and at >= ${from}
    group by 1 order by 1`
