import { moveCursor, readCursor, stripeEventsCursor } from '@pay-to-view/db'
import { alertBlockedWorkflows } from './blocked-workflows.ts'
import { prepareDisputes } from './disputes.ts'
import { startEntityJobs } from './entity-jobs.ts'
import { ReconcileIncompleteError } from './incomplete-error.ts'
import { closeOldAlerts } from './informational-alerts.ts'
import { ingestMissingEvents } from './missing-events.ts'
import type { ReconcileReport } from './report.ts'
import { applyRetention } from './retention.ts'
import { createRun, type ReconcileRun } from './run.ts'
import { updateSalesFigures } from './sales-figures.ts'
import type { ReconcileDeps, ReconcileScope } from './scope.ts'
import { updateStepAlert } from './step-alerts.ts'
import { restartStoppedPurchases } from './stopped-purchases.ts'
import { restartStoppedRefunds } from './stopped-refunds.ts'
import { readPayouts, readStripeBalance } from './stripe-balance.ts'
import { dispatchUnappliedEvents } from './unapplied-events.ts'
import { refreshUncoveredPayments } from './uncovered-payments.ts'

/** The time for which Stripe keeps events, in seconds (Stripe's API reference, "Events"). */
export const stripeEventRetentionSeconds = 30 * 86_400

/** The overlap of consecutive runs in seconds, because Stripe may list an event late and a workflow may have missed a signal. */
const overlapSeconds = 600

/**
 * The steps of a run, in order. Each step is independent of the other steps. Missing events come last, because there can be so many that
 * the run is stopped.
 */
const steps: Record<string, (run: ReconcileRun) => Promise<void>> = {
  retention: applyRetention,
  'unapplied events': dispatchUnappliedEvents,
  'stopped purchases': restartStoppedPurchases,
  'stopped refunds': restartStoppedRefunds,
  'uncovered payments': refreshUncoveredPayments,
  'entity jobs': startEntityJobs,
  'blocked workflows': alertBlockedWorkflows,
  'informational alerts': closeOldAlerts,
  disputes: prepareDisputes,
  'Stripe balance': readStripeBalance,
  payouts: readPayouts,
  'sales figures': updateSalesFigures,
  'missing events': ingestMissingEvents,
}

const daysBefore = (now: number, days: number | undefined): Date | undefined =>
  days === undefined ? undefined : new Date(now - days * 86_400_000)

/** Compares Stripe's events with the ledger and the ledger with the workflows, and repairs drift through the same ingestion as webhooks. */
export const createReconciler = (deps: ReconcileDeps) => {
  const { db, graceSeconds, retentionDays, messageRetentionDays, playRetentionDays } = deps
  let failedBefore = new Set<string>()

  const reconcile = async (scope: ReconcileScope): Promise<ReconcileReport> => {
    const run = createRun(deps, scope, failedBefore)
    for (const [name, step] of Object.entries(steps)) await run.runStep(name, () => step(run))
    failedBefore = new Set(run.failures.map(({ subject }) => subject))
    if (run.failures.length > 0) throw new ReconcileIncompleteError(run.failures)
    return run.report
  }

  return {
    reconcile,

    /**
     * Continues, with an overlap, where the last run ended. Events newer than `graceSeconds` are left to their webhooks. The cursor stops
     * before the first event that is missing from the ledger, so the next run finds it again. A step that fails raises an alert, which is
     * resolved when the step succeeds again.
     */
    reconcileFromCursor: async (
      now: number,
      hooks: Pick<ReconcileScope, 'onProgress' | 'onDrift' | 'signal'> = {},
    ): Promise<ReconcileReport> => {
      const cursor = await readCursor(db, stripeEventsCursor)
      const until = Math.floor(now / 1000) - graceSeconds
      const since = Math.max(
        cursor === null ? 0 : Math.floor(cursor.getTime() / 1000) - overlapSeconds,
        until - stripeEventRetentionSeconds,
      )
      return reconcile({
        ...hooks,
        since,
        until,
        dryRun: false,
        onCompared: (compared) => moveCursor(db, stripeEventsCursor, new Date(compared * 1000)),
        clearEventsBefore: daysBefore(now, retentionDays),
        deleteMessagesBefore: daysBefore(now, messageRetentionDays),
        deletePlaysBefore: daysBefore(now, playRetentionDays),
        onStepEnd: (step, failures) => updateStepAlert(db, step, failures),
      })
    },
  }
}

export type Reconciler = ReturnType<typeof createReconciler>
