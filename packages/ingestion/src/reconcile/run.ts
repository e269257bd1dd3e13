import type { Failure } from './incomplete-error.ts'
import type { DriftKind, ReconcileReport } from './report.ts'
import type { ReconcileDeps, ReconcileScope } from './scope.ts'

/** The number of rows that a step reads. The next run processes the remaining rows. */
export const batchSize = 500

/** The time that a step may spend on failing items. After that, a dependency is assumed to be unavailable and the step ends. */
const stepFailureLimitMs = 60_000

/**
 * Creates the state that the steps of one run share. Items whose ids are in `failedBefore` are processed last, so they do not delay other
 * items.
 */
export const createRun = (deps: ReconcileDeps, scope: ReconcileScope, failedBefore: ReadonlySet<string>) => {
  const report: ReconcileReport = { events: 0, drift: [], unreadable: [] }
  const failures: Failure[] = []
  let failedMs = 0

  return {
    ...deps,
    scope,
    report,
    failures,
    now: new Date(),

    recordRepair: (kind: DriftKind, id: string, detail: string): void => {
      report.drift.push({ kind, id, detail })
      scope.onDrift?.({ kind, id, detail })
    },

    /** Runs one step. A failure is recorded but does not prevent the next step. */
    runStep: async (name: string, step: () => Promise<void>): Promise<void> => {
      scope.signal?.throwIfAborted()
      failedMs = 0
      const previousFailures = failures.length
      try {
        await step()
      } catch (error) {
        scope.signal?.throwIfAborted()
        failures.push({ subject: name, error })
      }
      try {
        await scope.onStepEnd?.(name, failures.slice(previousFailures))
      } catch (error) {
        failures.push({ subject: `alert of ${name}`, error })
      }
    },

    /** Processes items one at a time and returns the items that failed. */
    forEach: async <T extends { id: string }>(items: T[], process: (item: T) => Promise<void>): Promise<T[]> => {
      const failed: T[] = []
      for (const item of items.toSorted((a, b) => Number(failedBefore.has(a.id)) - Number(failedBefore.has(b.id)))) {
        scope.signal?.throwIfAborted()
        if (failedMs > stepFailureLimitMs)
          throw new Error('A dependency is unavailable; the next run processes the remaining items')
        const startedAt = performance.now()
        try {
          await process(item)
        } catch (error) {
          failures.push({ subject: item.id, error })
          failed.push(item)
          failedMs += performance.now() - startedAt
        }
      }
      return failed
    },
  }
}

export type ReconcileRun = ReturnType<typeof createRun>
