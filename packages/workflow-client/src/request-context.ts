import { currentCorrelationIds, traceCarrier } from '@pay-to-view/telemetry'
import type { WorkflowClientInterceptor } from '@temporalio/client'
import { defaultPayloadConverter, type Headers } from '@temporalio/common'
import { requestContextHeader } from './messages.ts'

/** What goes with a message to a workflow: the id of the request that sends it, and its trace. */
export type RequestContext = Record<string, string>

const withCause = (headers: Headers): Headers => {
  const { requestId } = currentCorrelationIds()
  const cause: RequestContext = { ...traceCarrier(), ...(requestId !== undefined && { requestId }) }
  return Object.keys(cause).length === 0
    ? headers
    : { ...headers, [requestContextHeader]: defaultPayloadConverter.toPayload(cause) }
}

/** Sends the cause with every message to a workflow. */
export const requestContextInterceptor: WorkflowClientInterceptor = {
  signalWithStart: (input, next) => next({ ...input, headers: withCause(input.headers) }),
  startUpdateWithStart: (input, next) => next({ ...input, updateHeaders: withCause(input.updateHeaders) }),
}
