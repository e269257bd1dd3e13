import { jobProgressQuery, pauseJob, permanentFailureTypes, resumeJob } from '@pay-to-view/workflow-client/messages'
import type { EntityJobProgress } from '@pay-to-view/workflow-client/types'
import { condition, continueAsNew, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow'
import type { EntityJobActivities } from '../activities/types.ts'
import { activitySummaries, describeJob, messageDescriptions, timerSummaries } from './ui-texts.ts'

type JobActivityName = keyof EntityJobActivities

const activity = <Name extends JobActivityName>(name: Name): EntityJobActivities[Name] =>
  proxyActivities<EntityJobActivities>({
    summary: activitySummaries[name],
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '10 seconds',
    retry: {
      initialInterval: '500 milliseconds',
      maximumInterval: '1 minute',
      nonRetryableErrorTypes: Object.values(permanentFailureTypes),
    },
  })[name]

const processEntityJob = activity('processEntityJob')
const pauseEntityJob = activity('pauseEntityJob')

/** After this many batches, the run continues as new, so that its history stays small. */
const maxBatchesPerRun = 100

/** A paused job reads its row at this interval, because it may have been resumed while Temporal was unavailable. */
const pausedCheckMs = 60_000

/** The delay after a batch in which an item could not be processed. */
const retryMs = 10_000

/** Delayed payments settle within minutes or days. The interval between checks grows. */
const firstSettlementCheckMs = 15_000
const maxSettlementCheckMs = 600_000

/** The state that a run passes to the next one. All other state is in the database. */
interface ContinueAsNewState {
  settlementCheckMs: number
}

/**
 * Carries out a job on all purchases or grants of an entity: a cancellation, an extension, or the messages about a moved date. The items
 * and their outcomes are in the database; an activity processes one batch of items, and the workflow decides when the next batch follows.
 */
export async function entityJob(jobId: string, previous?: ContinueAsNewState): Promise<void> {
  const pauseRequests: { isPaused: boolean; by: string }[] = []
  let progress: EntityJobProgress | null = null
  let { settlementCheckMs } = previous ?? { settlementCheckMs: firstSettlementCheckMs }
  const nameOf = (message: { by?: unknown } | undefined): string =>
    typeof message?.by === 'string' && message.by !== '' ? message.by : 'an operator in Temporal'
  const request = (isPaused: boolean) => (message: { by?: unknown } | undefined) =>
    void pauseRequests.push({ isPaused, by: nameOf(message) })
  setHandler(pauseJob, request(true), { description: messageDescriptions.pause })
  setHandler(resumeJob, request(false), { description: messageDescriptions.resume })
  setHandler(jobProgressQuery, () => progress, { description: messageDescriptions.progress })

  for (let batches = 0; ; batches++) {
    // Only the last pause or resume request takes effect.
    const lastRequest = pauseRequests.splice(0).at(-1)
    if (lastRequest) await pauseEntityJob({ jobId, ...lastRequest })
    progress = await processEntityJob(jobId)
    setCurrentDetails(describeJob(progress))
    if (progress.isFinished) return
    const wait = waitBefore(progress, settlementCheckMs)
    if (wait) {
      const isWoken = await condition(() => pauseRequests.length > 0, wait.milliseconds, { summary: wait.summary })
      const isSettlementCheck = wait.summary === timerSummaries.settlementCheck
      settlementCheckMs =
        isSettlementCheck && !isWoken ? Math.min(settlementCheckMs * 2, maxSettlementCheckMs) : settlementCheckMs
    }
    const isLong = batches >= maxBatchesPerRun || workflowInfo().continueAsNewSuggested
    if (isLong && pauseRequests.length === 0) await continueAsNew<typeof entityJob>(jobId, { settlementCheckMs })
  }
}

const waitBefore = (
  { isPaused, lastError, pending }: EntityJobProgress,
  settlementCheckMs: number,
): { milliseconds: number; summary: string } | null => {
  if (isPaused) return { milliseconds: pausedCheckMs, summary: timerSummaries.jobPaused }
  if (lastError !== null) return { milliseconds: retryMs, summary: timerSummaries.jobRetry }
  return pending > 0 ? null : { milliseconds: settlementCheckMs, summary: timerSummaries.settlementCheck }
}
