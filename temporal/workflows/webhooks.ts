import { wakeEndpoint } from '@pay-to-view/workflow-client/messages'
import type { WebhookDeliveryInput, WebhookDeliveryResult } from '@pay-to-view/workflow-client/types'
import { condition, continueAsNew, proxyActivities, setHandler, sleep, workflowInfo } from '@temporalio/workflow'
import type { WebhookActivities } from '../activities/types.ts'
import { activitySummaries, messageDescriptions, timerSummaries } from './ui-texts.ts'

const heartbeatTimeout = '10 seconds'

const { deliverPending } = proxyActivities<WebhookActivities>({
  summary: activitySummaries.deliverPending,
  startToCloseTimeout: '1 minute',
  heartbeatTimeout,
  retry: { initialInterval: '500 milliseconds', maximumInterval: '1 minute' },
})

const { attemptDelivery } = proxyActivities<WebhookActivities>({
  summary: activitySummaries.attemptDelivery,
  startToCloseTimeout: '1 minute',
  heartbeatTimeout,
  // A failed attempt specifies its own delay. This policy is for failures on our side, such as an unavailable Postgres.
  retry: { initialInterval: '5 seconds', maximumInterval: '5 minutes' },
})

/**
 * The maximum number of messages per activity. While every attempt to the endpoint fails, only a few messages are attempted, and the others
 * wait until an attempt succeeds.
 */
const batch = { normal: 1_000, failing: 5 }

/**
 * The delay between batches. It starts after two consecutive batches in which every attempt failed, and doubles after each additional
 * failed batch.
 */
const failingDelayMs = { first: 5_000, max: 60_000 }

const delayAfter = (failedBatches: number): number =>
  failedBatches < 2 ? 0 : Math.min(failingDelayMs.max, failingDelayMs.first * 2 ** (failedBatches - 2))

/**
 * Delivers the messages of one endpoint. The workflow is signaled when there are messages, and ends when there have been no messages for a
 * minute. `failedBatches` is the state that a run passes to the next one.
 */
export async function webhookEndpoint(endpointId: string, failedBatches = 0): Promise<void> {
  let isAwake = true
  const wake = (): void => {
    isAwake = true
  }
  setHandler(wakeEndpoint, wake, { description: messageDescriptions.wake })
  for (let failed = failedBatches; ; ) {
    if (!isAwake && !(await condition(() => isAwake, '1 minute'))) return
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof webhookEndpoint>(endpointId, failed)
    isAwake = false
    const result = await deliverPending({ endpointId, limit: failed > 0 ? batch.failing : batch.normal })
    if (result.state === 'disabled') return
    if (result.state === 'more') isAwake = true
    if (result.succeeded > 0) failed = 0
    else if (result.failed > 0) failed++
    const delayMs = delayAfter(failed)
    if (isAwake && delayMs > 0) await sleep(delayMs, { summary: timerSummaries.failingEndpoint })
  }
}

/** Retries a message. The activity, not the retry policy, sets the delays, because Standard Webhooks defines a fixed list of them. */
export async function webhookDelivery(delivery: WebhookDeliveryInput): Promise<WebhookDeliveryResult> {
  return await attemptDelivery(delivery)
}
