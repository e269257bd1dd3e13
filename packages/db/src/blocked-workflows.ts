import { purchaseWorkflowId, SYSTEM_ACTOR } from '@pay-to-view/purchase'
import type { Db } from './client.ts'

/** Opens one alert for each purchase whose workflow cannot make progress, and resolves the alerts of all other purchases. */
export const updateBlockedWorkflowAlerts = async (db: Db, purchaseIds: readonly string[]): Promise<void> => {
  const ids = [...purchaseIds]
  await db.$executeRaw`
    insert into alerts (kind, purchase_id, dedupe_key, detail)
    select 'workflow_blocked', id, 'workflow_blocked:' || id, jsonb_build_object('workflowId', workflow_id)
    from unnest(${ids}::text[], ${ids.map(purchaseWorkflowId)}::text[]) blocked (id, workflow_id) join purchases using (id)
    on conflict (dedupe_key) do update set resolved_at = null, resolved_by = null, note = null, at = now() where alerts.resolved_at is not null`
  await db.alert.updateMany({
    where: { kind: 'workflow_blocked', resolvedAt: null, purchaseId: { notIn: ids } },
    data: { resolvedAt: new Date(), resolvedBy: SYSTEM_ACTOR },
  })
}
