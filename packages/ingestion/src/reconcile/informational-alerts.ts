import { closeInformationalAlerts } from '@pay-to-view/db'
import type { ReconcileRun } from './run.ts'

/** Resolves old alerts that require no action by an operator. */
export const closeOldAlerts = async ({ db, scope, now }: ReconcileRun): Promise<void> => {
  if (!scope.dryRun) await closeInformationalAlerts(db, now)
}
