import { requestContextHeader } from '@pay-to-view/workflow-client/messages'
import type { Headers, WorkflowInterceptorsFactory } from '@temporalio/workflow'

/** After this time, an activity is assumed to be caused by a timer instead of the last message. */
const requestContextMaxAgeMs = 300_000

/**
 * Passes the last message's request context on to every activity, so the activity's logs and spans contain the request id. This is the only
 * tracing in the workflow, and no command depends on it: docs/decisions/0011-trace-context-through-workflows.md.
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  let last: { header: Headers[string] | undefined; receivedAt: number } = { header: undefined, receivedAt: 0 }
  const remember = ({ headers }: { headers: Headers }): void => {
    last = { header: headers[requestContextHeader], receivedAt: Date.now() }
  }
  const withRequestContext = <T extends { headers: Headers }>(input: T): T =>
    last.header === undefined || Date.now() - last.receivedAt > requestContextMaxAgeMs
      ? input
      : { ...input, headers: { ...input.headers, [requestContextHeader]: last.header } }
  return {
    inbound: [
      {
        handleSignal: (input, next) => {
          remember(input)
          return next(input)
        },
        handleUpdate: (input, next) => {
          remember(input)
          return next(input)
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(withRequestContext(input)),
        scheduleLocalActivity: (input, next) => next(withRequestContext(input)),
      },
    ],
  }
}
