import { purchaseIdOfWorkflow } from '@pay-to-view/purchase'
import { type Log, withActivitySpan, withCorrelationIds } from '@pay-to-view/telemetry'
import { purchaseWorkflow, requestContextHeader } from '@pay-to-view/workflow-client/messages'
import type { RequestContext } from '@pay-to-view/workflow-client/request-context'
import { defaultPayloadConverter, type Headers } from '@temporalio/common'
import type { ActivityInterceptorsFactory } from '@temporalio/worker'

/** The outcome of one activity attempt. */
export interface ActivityAttempt {
  activity: string
  outcome: 'completed' | 'failed'
  durationMs: number
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Returns the request context of the message that caused an activity; empty if the context is missing or malformed. */
const readRequestContext = (headers: Headers): RequestContext => {
  const header = headers[requestContextHeader]
  try {
    const context = header ? defaultPayloadConverter.fromPayload<RequestContext>(header) : {}
    return isObject(context) ? context : {}
  } catch {
    return {}
  }
}

/** Returns the ids of the Stripe events that caused an activity, which are in the activity's first argument. */
const readEventIds = (argument: unknown): { eventId?: string } => {
  if (!isObject(argument) || !('cause' in argument) || !isObject(argument.cause)) return {}
  const { cause } = argument
  return 'eventIds' in cause && Array.isArray(cause.eventIds) ? { eventId: cause.eventIds.join(',') } : {}
}

/** Runs every activity in a span with correlation ids (purchase, Stripe events, request), and logs each attempt when it ends. */
export const activityLoggingInterceptor =
  (log: Log, onAttempt: (attempt: ActivityAttempt) => void): ActivityInterceptorsFactory =>
  ({ info: { activityType: activity, workflowExecution, workflowType, attempt, isLocal } }) => {
    const purchase =
      workflowExecution && workflowType === purchaseWorkflow
        ? { purchaseId: purchaseIdOfWorkflow(workflowExecution.workflowId) }
        : {}
    return {
      outbound: { getLogAttributes: (input, next) => next({ ...input, ...purchase }) },
      inbound: {
        execute: async (input, next) => {
          const { requestId, ...carrier } = readRequestContext(input.headers)
          const ids = { ...purchase, ...readEventIds(input.args[0]), activity, ...(requestId !== undefined && { requestId }) }
          return withCorrelationIds(ids, () =>
            withActivitySpan(activity, carrier, { ...ids }, async () => {
              const startedAt = performance.now()
              const reportEnd = (outcome: ActivityAttempt['outcome']): void => {
                const durationMs = performance.now() - startedAt
                onAttempt({ activity, outcome, durationMs })
                log.info({ outcome, attempt, isLocal, durationMs: Math.round(durationMs) }, 'activity')
              }
              try {
                const result = await next(input)
                reportEnd('completed')
                return result
              } catch (error) {
                reportEnd('failed')
                throw error
              }
            }),
          )
        },
      },
    }
  }
