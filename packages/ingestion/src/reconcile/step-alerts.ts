import { type Db, openConditionAlert, resolveConditionAlert } from '@pay-to-view/db'
import { maskSecrets } from '@pay-to-view/telemetry'
import { type Failure, formatFailure } from './incomplete-error.ts'

const kind = 'reconciler_failing'

const maxFailuresInAlert = 20

/** Opens a step's alert when the step fails in a scheduled run, and resolves it when the step succeeds. */
export const updateStepAlert = async (db: Db, step: string, failures: readonly Failure[]): Promise<void> => {
  if (failures.length === 0) return resolveConditionAlert(db, kind, step)
  const errors = failures.slice(0, maxFailuresInAlert).map((failure) => maskSecrets(formatFailure(failure)))
  await openConditionAlert(db, kind, step, { step, failures: failures.length, errors })
}
