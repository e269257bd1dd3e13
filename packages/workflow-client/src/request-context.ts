import { currentCorrelationIds, traceCarrier } from '@pay-to-view/telemetry'
import type { WorkflowClientInterceptor } from '@temporalio/client'
import { defaultPayloadConverter, type Headers } from '@temporalio/common'
import { requestContextHeader } from './messages.ts'

/** The request id and the trace context of a message's sender. */
export type RequestContext = Record<string, string>

const withRequestContext = (headers: Headers): Headers => {
  const { requestId } = currentCorrelationIds()
  const context: RequestContext = { ...traceCarrier(), ...(requestId !== undefined && { requestId }) }
  return Object.keys(context).length === 0
    ? headers
    : { ...headers, [requestContextHeader]: defaultPayloadConverter.toPayload(context) }
}

/** Adds the request context to every message that can start a workflow. */
export const requestContextInterceptor: WorkflowClientInterceptor = {
  signalWithStart: (input, next) => next({ ...input, headers: withRequestContext(input.headers) }),
  startUpdateWithStart: (input, next) => next({ ...input, updateHeaders: withRequestContext(input.updateHeaders) }),
}
