import {
  cancellationRequestId,
  changeGrantOfJob,
  type Db,
  describeError,
  type EntityJob,
  type EntityJobItem,
  findJob,
  finishJob,
  isUnavailable,
  nextJobItems,
  planJob,
  readJobCounts,
  readWorkflowStartInput,
  releaseSettledItems,
  saveJobItem,
  setJobPaused,
} from '@pay-to-view/db'
import { afterFailedAttempt, cancellationOutcome, cancellationStep } from '@pay-to-view/purchase'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import { UnknownOutcomeError, UpdateUnconfirmed } from '@pay-to-view/workflow-client/errors'
import { permanentFailureTypes } from '@pay-to-view/workflow-client/messages'
import type { EntityJobProgress, WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import { Context } from '@temporalio/activity'
import { ApplicationFailure } from '@temporalio/common'
import PQueue from 'p-queue'
import { withFailureTypes } from './failure-types.ts'
import type { EntityJobActivities } from './types.ts'

export interface EntityJobDeps {
  db: Db
  purchases: PurchaseClient
  /** The maximum number of purchases of canceled entities that this process refunds or closes per second. */
  cancellationsPerSecond: number
}

/** After this time, the activity returns, so that the workflow shows the progress and can be paused. */
const batchMs = 10_000
const itemsAtOnce = 16

/** The number of items that are read at a time. A pause stops purchases at once, and grants after these items. */
const batchSize = 2 * itemsAtOnce

type Outcome = Parameters<typeof saveJobItem>[2]

const readState = async ({ db }: EntityJobDeps, { entityId }: EntityJob, purchaseId: string) => {
  const requestId = cancellationRequestId(entityId)
  const { status, processing, mismatch, refundRequests } = await db.purchase.findUniqueOrThrow({
    where: { id: purchaseId },
    select: { status: true, processing: true, mismatch: true, refundRequests: { where: { requestId } } },
  })
  return { status, processing, mismatch, isRefundRequested: refundRequests.length > 0 }
}

const cancelPurchase = async (deps: EntityJobDeps, job: EntityJob, purchase: WorkflowStartInput): Promise<Outcome> => {
  const { purchases } = deps
  // After the request to close the checkout, the second pass finds that the checkout is closed, or that it was paid first.
  for (let isClosed = false; ; isClosed = true) {
    const step = cancellationStep(await readState(deps, job, purchase.id))
    if (typeof step === 'object') return { outcome: 'skipped', reason: step.skipped }
    if (step === 'wait') return { outcome: 'waiting' }
    if (step === 'closed') return { outcome: 'closed' }
    if (step === 'refund') {
      const requestId = cancellationRequestId(job.entityId)
      const request = { requestId, amount: null, reason: job.reason, by: job.requestedBy }
      return cancellationOutcome(await purchases.refund(purchase, request))
    }
    if (isClosed) throw new UpdateUnconfirmed('The checkout is still open')
    await purchases.closeCheckout(purchase)
  }
}

/** Processes one purchase of a canceled entity. */
const processPurchase = async (deps: EntityJobDeps, job: EntityJob, item: EntityJobItem): Promise<void> => {
  const purchase = await readWorkflowStartInput(deps.db, item.subjectId)
  const outcome: Outcome = purchase ? await cancelPurchase(deps, job, purchase) : { outcome: 'unchanged' }
  await saveJobItem(deps.db, item, outcome)
}

/** The error code that is reported for an item. The purchase's alert explains why the workflow did not complete the request. */
const errorCode = (error: unknown): string => {
  if (error instanceof UpdateUnconfirmed) return 'unconfirmed'
  if (error instanceof UnknownOutcomeError) return 'unavailable'
  return error instanceof Error ? error.name : 'error'
}

const progressOf = async (db: Db, job: EntityJob, lastError: string | null): Promise<EntityJobProgress> => {
  const { kind, entityId } = job
  const { total, pending, waiting, skipped, failed } = await readJobCounts(db, job.id)
  const current = await findJob(db, job.id)
  return {
    ...{ kind, entityId, total, pending, waiting, skipped, failed, lastError },
    isPaused: current?.pausedAt !== null,
    isFinished: current?.finishedAt !== null,
  }
}

const requireJob = async (db: Db, id: string): Promise<EntityJob> => {
  const job = await findJob(db, id)
  if (job) return job
  throw ApplicationFailure.create({ message: `There is no job ${id}`, type: permanentFailureTypes.permanent, nonRetryable: true })
}

/**
 * Processes several items concurrently, until all are done, `isEnded` returns true, or an item throws. Items that have started are always
 * awaited; then the first error is thrown. Items that were not started have no result.
 */
const forEachAtOnce = async <T, Result>(
  items: readonly T[],
  process: (item: T) => Promise<Result>,
  isEnded: () => boolean,
): Promise<Result[]> => {
  const queue = new PQueue({ concurrency: itemsAtOnce })
  const results: Result[] = []
  let hasFailed = false
  const tasks = items.map((item) =>
    queue.add(async () => {
      if (hasFailed || isEnded()) return
      try {
        results.push(await process(item))
      } catch (error) {
        hasFailed = true
        throw error
      }
    }),
  )
  for (const outcome of await Promise.allSettled(tasks)) if (outcome.status === 'rejected') throw outcome.reason
  return results
}

const isPaused = async (db: Db, id: string): Promise<boolean> => (await findJob(db, id))?.pausedAt !== null

export const createEntityJobActivities = (deps: EntityJobDeps): EntityJobActivities => {
  const { db } = deps
  const pace = new PQueue({ interval: Math.ceil(1_000 / deps.cancellationsPerSecond), intervalCap: 1, strict: true })

  /**
   * Makes one attempt to process an item, unless the batch ends first. Returns the error of a failed attempt if the item will be attempted
   * again, or null. Rejects if Postgres is unavailable.
   */
  const processItem = async (job: EntityJob, item: EntityJobItem, isEnded: () => boolean): Promise<string | null> => {
    if (item.kind === 'purchase') {
      await pace.add(() => undefined)
      // The batch may have ended, or the job may have been paused, while the item waited for the rate limit.
      if (isEnded() || (await isPaused(db, job.id))) return null
    }
    try {
      await (item.kind === 'purchase' ? processPurchase(deps, job, item) : changeGrantOfJob(db, job, item.subjectId))
      return null
    } catch (error) {
      if (isUnavailable(error)) throw error
      const next = afterFailedAttempt(item, errorCode(error))
      await saveJobItem(db, item, next)
      return next.outcome === 'failed' ? null : describeError(error)
    }
  }

  /**
   * Processes items until none is pending, the time is up, the job is paused, or an attempt fails and is repeated later. Returns the
   * error of that attempt, or null.
   */
  const processItems = async (job: EntityJob, signal: AbortSignal): Promise<string | null> => {
    const endsAt = Date.now() + batchMs
    const isEnded = (): boolean => signal.aborted || Date.now() >= endsAt
    while (!isEnded() && !(await isPaused(db, job.id))) {
      const items = await nextJobItems(db, job.id, batchSize)
      if (items.length === 0) return null
      const errors = await forEachAtOnce(items, (item) => processItem(job, item, isEnded), isEnded)
      const [lastError] = errors.filter((error) => error !== null)
      if (lastError !== undefined) return lastError
    }
    return null
  }

  const processJob = async (id: string): Promise<EntityJobProgress> => {
    const job = await requireJob(db, id)
    let lastError: string | null = null
    if (job.finishedAt === null) {
      await planJob(db, job)
      await releaseSettledItems(db, id)
      lastError = await processItems(job, Context.current().cancellationSignal)
      await finishJob(db, job)
    }
    return progressOf(db, job, lastError)
  }

  return {
    processEntityJob: (id) => withFailureTypes(processJob(id)),
    pauseEntityJob: ({ jobId, ...request }) => withFailureTypes(setJobPaused(db, jobId, request).then(() => undefined)),
  }
}
