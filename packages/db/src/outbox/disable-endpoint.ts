import type { Db } from '../client.ts'
import { openConditionAlert } from '../condition-alerts.ts'
import type { Prisma } from '../generated/client.ts'

const kind = 'webhook_endpoint_disabled'

/** The number of days without a successful attempt after which an endpoint is disabled. */
export const maxFailingDays = 5

/** Disables an endpoint that cannot receive messages, and raises an alert. Messages for the endpoint are kept until it is enabled again. */
export const disableEndpoint = async (db: Db, id: string, reason: 'gone' | 'failing'): Promise<void> => {
  const { count } = await db.webhookEndpoint.updateMany({
    where: { id, enabled: true },
    data: { enabled: false, disabledReason: reason, updatedAt: new Date() },
  })
  if (count > 0) await openConditionAlert(db, kind, id, { endpointId: id, reason })
}

export const resolveEndpointAlerts = async (tx: Prisma.TransactionClient, id: string, by: string): Promise<void> => {
  await tx.alert.updateMany({
    where: { dedupeKey: `${kind}:${id}`, resolvedAt: null },
    data: { resolvedAt: new Date(), resolvedBy: by },
  })
}
