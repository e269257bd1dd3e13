import { defaultTaskQueue, reconcileSchedule, reconcileWorkflow } from '@pay-to-view/workflow-client/messages'
import { type Client, ScheduleAlreadyRunning, type ScheduleOptions } from '@temporalio/client'

export interface ReconcileScheduleOptions {
  taskQueue: string
  everySeconds: number
}

/**
 * Creates or updates the reconciler's Schedule. An existing Schedule keeps its state; a paused Schedule stays paused. Each task queue has
 * its own Schedule, so that workers of different task queues in one namespace do not overwrite each other's Schedule.
 */
export const ensureReconcileSchedule = async (
  client: Client,
  { taskQueue, everySeconds: every }: ReconcileScheduleOptions,
): Promise<void> => {
  const queueSuffix = taskQueue === defaultTaskQueue ? '' : `-${taskQueue}`
  const scheduleId = `${reconcileSchedule}${queueSuffix}`
  const options = {
    spec: { intervals: [{ every: every * 1000 }] },
    action: {
      ...{ type: 'startWorkflow', workflowType: reconcileWorkflow, taskQueue, workflowId: `${reconcileWorkflow}${queueSuffix}` },
      // The execution timeout. A run that hangs, or that no worker picks up, blocks the next run for at most this long.
      workflowExecutionTimeout: '15 minutes',
    },
    // Only one run executes at a time. After an outage, one run is enough, because it continues from the cursor.
    policies: { overlap: 'SKIP', catchupWindow: '1 minute' },
  } satisfies Omit<ScheduleOptions, 'scheduleId'>
  try {
    await client.schedule.create({ scheduleId, ...options })
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
    await client.schedule.getHandle(scheduleId).update(({ state }) => ({ ...options, state }))
  }
}
