import {
  cancelEntity,
  type Db,
  type EntityJob,
  extendEntity,
  findUnstartedMoves,
  readCancellation,
  setJobPaused,
} from '@pay-to-view/db'
import type { EntityJobStartInput } from '@pay-to-view/workflow-client/types'
import { ApiError } from '../errors.ts'

/** Starts and signals the job workflows. */
export interface EntityJobs {
  startEntityJob(job: EntityJobStartInput): Promise<void>
  signalEntityJob(job: EntityJobStartInput, message: 'pause' | 'resume', by: string): Promise<void>
}

/** Used by processes without a connection to Temporal. The reconciler starts the jobs later. */
export const startedByReconciler: EntityJobs = { startEntityJob: async () => {}, signalEntityJob: async () => {} }

/** Ignores a failed call to Temporal: the job is stored in the database, and the reconciler starts it once Temporal is available. */
const startLaterIfUnavailable = (call: Promise<void>): Promise<void> => call.catch(() => undefined)

/** Starts the jobs that were recorded when `availableFrom` changed. The caller does not wait for the start. */
export const startMoves = (db: Db, jobs: EntityJobs, entityIds: readonly string[]): void => {
  void findUnstartedMoves(db, entityIds)
    .then((moves) => Promise.all(moves.map((job) => jobs.startEntityJob(job))))
    .catch(() => undefined)
}

/** The operator's changes to all purchases or grants of an entity. The commands throw `ApiError`s. */
export const createEntityJobCommands = (db: Db, jobs: EntityJobs) => ({
  cancelEntity: async (request: Parameters<typeof cancelEntity>[1]): Promise<void> => {
    const job = await cancelEntity(db, request)
    if (!job) throw new ApiError('entity_not_found', { field: 'id' })
    if (job.finishedAt === null) await startLaterIfUnavailable(jobs.startEntityJob(job))
  },

  setCancellationPaused: async (entityId: string, isPaused: boolean, by: string): Promise<void> => {
    const cancellation = await readCancellation(db, entityId)
    if (!cancellation) throw new ApiError('cancellation_not_found', { field: 'id' })
    const { job } = cancellation
    const isRunning = await setJobPaused(db, job.id, { isPaused, by })
    if (isRunning) await startLaterIfUnavailable(jobs.signalEntityJob(job, isPaused ? 'pause' : 'resume', by))
  },

  extendEntity: async (request: Parameters<typeof extendEntity>[1]): Promise<EntityJob> => {
    const job = await extendEntity(db, request)
    if (!job) throw new ApiError('entity_not_found', { field: 'id' })
    if (job === 'conflict') throw new ApiError('idempotency_conflict', { field: 'idempotencyKey' })
    if (job.finishedAt === null) await startLaterIfUnavailable(jobs.startEntityJob(job))
    return job
  },
})
