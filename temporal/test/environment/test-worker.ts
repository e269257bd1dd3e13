import type { Db } from '@pay-to-view/db'
import type { StripeGateway } from '@pay-to-view/stripe'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import { Context } from '@temporalio/activity'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { type ActivityInterceptorsFactory, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { createEntityJobActivities } from '../../activities/entity-job.ts'
import { createPurchaseActivities } from '../../activities/purchase.ts'

export interface TestWorkerOptions {
  temporal: TestWorkflowEnvironment
  taskQueue: string
  db: Db
  stripe: StripeGateway
  purchases: PurchaseClient
  beforeActivity: () => Promise<void>
}

/** Starts workers with the real activities, one at a time. */
export const createTestWorkers = ({ temporal, taskQueue, db, stripe, purchases, beforeActivity }: TestWorkerOptions) => {
  const workflowIdByRun = new Map<string, string>()
  const resultsToLose = new Map<string, number>()

  const interceptor: ActivityInterceptorsFactory = () => ({
    inbound: {
      execute: async (input, next) => {
        const { workflowExecution, activityType } = Context.current().info
        if (workflowExecution) workflowIdByRun.set(workflowExecution.runId, workflowExecution.workflowId)
        await beforeActivity()
        const result = await next(input)
        const remaining = resultsToLose.get(activityType) ?? 0
        resultsToLose.set(activityType, remaining - 1)
        if (remaining > 0) throw new Error('The result of the activity is lost')
        return result
      },
    },
  })

  return {
    /** Every run that has executed an activity, oldest first. */
    workflowIdByRun,
    resultsToLose,
    /** Returns a function that stops the worker. */
    start: async (workflowBundle: WorkflowBundleWithSourceMap): Promise<() => Promise<void>> => {
      const worker = await Worker.create({
        connection: temporal.nativeConnection,
        taskQueue,
        workflowBundle,
        activities: {
          ...createPurchaseActivities({ db, stripe }),
          ...createEntityJobActivities({ db, purchases, cancellationsPerSecond: 100 }),
        },
        interceptors: { activity: [interceptor] },
      })
      const running = worker.run()
      return async () => {
        worker.shutdown()
        await running
      }
    },
  }
}
