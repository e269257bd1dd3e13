import { requestContextHeader } from '@pay-to-view/workflow-client/messages'
import type { Headers, WorkflowInterceptorsFactory } from '@temporalio/workflow'

/** Milliseconds after a message in which what the workflow does is done because of it: later it was a timer. */
const fresh = 300_000

/**
 * Hands the header of the last message on to every activity, so that its logs and spans name the request that caused it. Nothing else of
 * tracing runs in the workflow, and no command depends on it: docs/decisions/0011-trace-context-through-workflows.md.
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  let last: { header: Headers[string] | undefined; at: number } = { header: undefined, at: 0 }
  const hear = ({ headers }: { headers: Headers }): void => {
    last = { header: headers[requestContextHeader], at: Date.now() }
  }
  const withCause = <T extends { headers: Headers }>(input: T): T =>
    last.header === undefined || Date.now() - last.at > fresh
      ? input
      : { ...input, headers: { ...input.headers, [requestContextHeader]: last.header } }
  return {
    inbound: [
      {
        handleSignal: (input, next) => {
          hear(input)
          return next(input)
        },
        handleUpdate: (input, next) => {
          hear(input)
          return next(input)
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(withCause(input)),
        scheduleLocalActivity: (input, next) => next(withCause(input)),
      },
    ],
  }
}
