import { type Log, withActivitySpan, withCorrelationIds } from '@pay-to-view/telemetry'
import { requestContextHeader } from '@pay-to-view/workflow-client/messages'
import type { RequestContext } from '@pay-to-view/workflow-client/request-context'
import { defaultPayloadConverter, type Headers } from '@temporalio/common'
import type { ActivityInterceptorsFactory } from '@temporalio/worker'

/** One try of an activity. */
export interface ActivityAttempt {
  activity: string
  outcome: 'done' | 'failed'
  /** Milliseconds. */
  durationMs: number
}

/** The cause that came with an activity; empty when it has none. */
const causeIn = (headers: Headers): RequestContext => {
  const header = headers[requestContextHeader]
  return header ? defaultPayloadConverter.fromPayload<RequestContext>(header) : {}
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** The events that an activity's argument names as its cause. */
const eventsIn = (argument: unknown): { eventId?: string } => {
  if (!isObject(argument) || !('cause' in argument) || !isObject(argument.cause)) return {}
  const { cause } = argument
  return 'eventIds' in cause && Array.isArray(cause.eventIds) ? { eventId: cause.eventIds.join(',') } : {}
}

/** Every activity runs under the ids of its purchase, its event and the request that caused it, in a span of its own, and is logged when it ends. */
export const activityLoggingInterceptor =
  (log: Log, onStep: (step: ActivityAttempt) => void): ActivityInterceptorsFactory =>
  ({ info: { activityType: activity, workflowExecution, attempt, isLocal } }) => {
    const workflowId = workflowExecution?.workflowId ?? ''
    const purchase = workflowId.startsWith('ptv_') ? { purchaseId: workflowId } : {}
    return {
      outbound: { getLogAttributes: (input, next) => next({ ...input, ...purchase }) },
      inbound: {
        execute: async (input, next) => {
          const { requestId, ...carrier } = causeIn(input.headers)
          const ids = { ...purchase, ...eventsIn(input.args[0]), activity, ...(requestId !== undefined && { requestId }) }
          return withCorrelationIds(ids, () =>
            withActivitySpan(activity, carrier, { ...ids }, async () => {
              const began = performance.now()
              const ended = (outcome: ActivityAttempt['outcome']): void => {
                const duration = performance.now() - began
                onStep({ activity, outcome, durationMs: duration })
                log.info({ outcome, attempt, isLocal, durationMs: Math.round(duration) }, 'activity')
              }
              try {
                const result = await next(input)
                ended('done')
                return result
              } catch (error) {
                ended('failed')
                throw error
              }
            }),
          )
        },
      },
    }
  }
