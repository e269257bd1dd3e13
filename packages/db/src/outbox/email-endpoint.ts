import { SYSTEM_ACTOR } from '@pay-to-view/purchase'
import type { Db } from '../client.ts'
import { openConditionAlert, resolveConditionAlert } from '../condition-alerts.ts'

// E-mail is an outbox endpoint that only workers enable and disable. While this endpoint is enabled, every process records e-mails.

export const emailEndpointId = 'email'

const alertKind = 'email_failing'

/** The time for which sending may fail before an alert is raised. */
const alertAfterMs = 3_600_000

/** Enables e-mail, so e-mails are recorded. The limits apply to each worker. */
export const enableEmail = async (
  db: Db,
  { maxPerSecond, maxConcurrent }: { maxPerSecond: number; maxConcurrent: number },
): Promise<void> => {
  await db.$executeRaw`
    insert into webhook_endpoints (id, kind, url, events, secret, created_by, max_per_second, max_concurrent)
    values (${emailEndpointId}, 'email', '', '{}', '', ${SYSTEM_ACTOR}, ${maxPerSecond}, ${maxConcurrent})
    on conflict (id) do update set enabled = true, max_per_second = excluded.max_per_second, max_concurrent = excluded.max_concurrent,
      failing_since = case when webhook_endpoints.enabled then webhook_endpoints.failing_since end, updated_at = now()`
}

/** Stops recording e-mails. E-mails that are already recorded are kept until a worker can send them. */
export const disableEmail = async (db: Db): Promise<void> => {
  await db.webhookEndpoint.updateMany({
    where: { id: emailEndpointId, enabled: true },
    data: { enabled: false, failingSince: null, updatedAt: new Date() },
  })
  await resolveConditionAlert(db, alertKind, emailEndpointId)
}

/** Opens an alert if no e-mail could be sent for an hour, and resolves the alert when an e-mail is sent. */
export const updateEmailAlert = async (
  db: Db,
  { failingSince, error }: { failingSince: Date | null; error: string | null },
): Promise<void> => {
  if (error === null) {
    if (failingSince !== null) await resolveConditionAlert(db, alertKind, emailEndpointId)
  } else if (failingSince !== null && Date.now() - failingSince.getTime() >= alertAfterMs) {
    await openConditionAlert(db, alertKind, emailEndpointId, { failingSince: failingSince.toISOString(), error })
  }
}

/** Deletes a message that is no longer correct, for example an expiry notice for access that has since been extended. */
export const deleteMessage = async (db: Db, messageId: string): Promise<void> => {
  await db.outboxMessage.deleteMany({ where: { id: messageId } })
}
