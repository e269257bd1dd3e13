import { defaultTaskQueue, reconcileSchedule, reconcileWorkflow } from '@pay-to-view/workflow-client/messages'
import { type Client, ScheduleAlreadyRunning, type ScheduleOptions } from '@temporalio/client'

export interface ReconcileScheduleOptions {
  taskQueue: string
  /** Seconds between two runs. */
  everySeconds: number
}

/**
 * Makes the Schedule of the reconciler, or brings it up to date. A pause that an operator made stays. Each task queue has its own: a worker of
 * another one in the same namespace must not take the Schedule to where nobody works.
 */
export const ensureReconcileSchedule = async (
  client: Client,
  { taskQueue, everySeconds: every }: ReconcileScheduleOptions,
): Promise<void> => {
  const ofQueue = taskQueue === defaultTaskQueue ? '' : `-${taskQueue}`
  const scheduleId = `${reconcileSchedule}${ofQueue}`
  const wanted = {
    spec: { intervals: [{ every: every * 1000 }] },
    action: {
      ...{ type: 'startWorkflow', workflowType: reconcileWorkflow, taskQueue, workflowId: `${reconcileWorkflow}${ofQueue}` },
      // One that no worker takes up, or that hangs, keeps the next from starting only so long.
      workflowExecutionTimeout: '15 minutes',
    },
    // One at a time; after an outage one run is enough, because it goes on from where the last one ended.
    policies: { overlap: 'SKIP', catchupWindow: '1 minute' },
  } satisfies Omit<ScheduleOptions, 'scheduleId'>
  try {
    await client.schedule.create({ scheduleId, ...wanted })
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
    await client.schedule.getHandle(scheduleId).update(({ state }) => ({ ...wanted, state }))
  }
}
