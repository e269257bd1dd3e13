import { type Db, openConditionAlert, resolveConditionAlert } from '@pay-to-view/db'
import { maskSecrets } from '@pay-to-view/telemetry'
import { type Failure, formatFailure } from './incomplete-error.ts'

const kind = 'reconciler_failing'

const maxFailuresInAlert = 20

/** Opens the alert of a step of the scheduled run when it has failed, and resolves it when it has succeeded. */
export const updateStepAlert = async (db: Db, step: string, failures: readonly Failure[]): Promise<void> => {
  if (failures.length === 0) return resolveConditionAlert(db, kind, step)
  const errors = failures.slice(0, maxFailuresInAlert).map((failure) => maskSecrets(formatFailure(failure)))
  await openConditionAlert(db, kind, step, { step, failures: failures.length, errors })
}
