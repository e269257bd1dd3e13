import type { Client } from '@temporalio/client'

/** The values of TASK_QUEUE_TYPE_* in Temporal's API. */
const taskQueueTypes = { workflow: 1, activity: 2 }

/** The number of tasks that are waiting for a worker, and the age of the oldest task. */
export interface TaskQueueBacklog {
  kind: string
  tasks: number
  oldestSeconds: number
}

/** Reads the backlog of a task queue: one entry for workflow tasks, one for activity tasks. */
export const readBacklog = (client: Client, taskQueue: string): Promise<TaskQueueBacklog[]> =>
  Promise.all(
    Object.entries(taskQueueTypes).map(async ([kind, taskQueueType]) => {
      const { stats } = await client.workflowService.describeTaskQueue({
        namespace: client.options.namespace,
        taskQueue: { name: taskQueue },
        taskQueueType,
        reportStats: true,
      })
      return {
        kind,
        tasks: Number(stats?.approximateBacklogCount ?? 0),
        oldestSeconds: Number(stats?.approximateBacklogAge?.seconds ?? 0),
      }
    }),
  )
