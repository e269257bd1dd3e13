import { countOf, truncate } from '@pay-to-view/purchase'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import { type EntityJobWorkflow, entityJobWorkflow, pauseJob, resumeJob, searchAttributes } from './messages.ts'
import type { EntityJobStartInput } from './types.ts'

/** A job's workflow id. An entity can be canceled only once, so a cancellation's workflow id contains the entity's id instead of the job's. */
export const entityJobWorkflowId = ({ id, kind, entityId }: Pick<EntityJobStartInput, 'id' | 'kind' | 'entityId'>): string =>
  kind === 'cancel' ? `entity-cancel:${entityId}` : `entity-${kind}:${id}`

const summary = ({ kind, entityId, reason, days }: EntityJobStartInput): string => {
  const actions = { cancel: 'Cancel', extend: `Extend by ${countOf(days ?? 0, 'day')}`, move: 'Messages about the moved date' }
  return [
    `${actions[kind]}: ${truncate(entityId, 60, 'bytes')}`,
    ...(reason === null ? [] : [truncate(reason, 80, 'bytes')]),
  ].join(' · ')
}

type Call = <T>(call: () => Promise<T>) => Promise<T>

/** Starts the workflows of entity jobs and sends messages to them. */
export const createEntityJobCalls = (client: Client, taskQueue: string, call: Call) => {
  const startEntityJob = async (job: EntityJobStartInput): Promise<void> => {
    await call(() =>
      client.workflow.start<EntityJobWorkflow>(entityJobWorkflow, {
        workflowId: entityJobWorkflowId(job),
        taskQueue,
        args: [job.id],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'USE_EXISTING',
        typedSearchAttributes: new TypedSearchAttributes([
          { key: searchAttributes.entityId, value: job.entityId },
          { key: searchAttributes.userId, value: job.requestedBy },
        ]),
        staticSummary: summary(job),
        staticDetails: `Requested by \`${job.requestedBy}\`${job.reason === null ? '' : `: ${job.reason}`}. The current details show the progress.`,
      }),
    )
  }
  return {
    /** Starts a job's workflow unless it is already running. */
    startEntityJob,

    /**
     * Notifies a job's running workflow that the job was paused or resumed. The job's row is authoritative, so a missing workflow is
     * not an error.
     */
    signalEntityJob: async (job: EntityJobStartInput, message: 'pause' | 'resume', by: string): Promise<void> => {
      const signal = message === 'pause' ? pauseJob : resumeJob
      try {
        await call(() => client.workflow.getHandle(entityJobWorkflowId(job)).signal(signal, { by }))
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error
      }
    },
  }
}
