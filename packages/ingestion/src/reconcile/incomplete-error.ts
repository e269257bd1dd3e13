/** A failure in a run. `subject` is the id of an event or a purchase, or the name of a step. */
export interface Failure {
  subject: string
  error: unknown
}

/** Prisma's messages begin with an excerpt from our source code and end with a line about the cause. */
export const formatFailure = ({ subject, error }: Failure): string =>
  `${subject}: ${(error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1)}`

const maxFailuresInMessage = 20

/** Thrown at the end of a run in which some items failed. All other items were processed. The next run retries the failed items. */
export class ReconcileIncompleteError extends AggregateError {
  override name = 'ReconcileIncompleteError'
  constructor(failures: Failure[]) {
    const rest = failures.length - maxFailuresInMessage
    super(
      failures.map(({ error }) => error),
      [
        'Failed, and will be retried:',
        ...failures.slice(0, maxFailuresInMessage).map(formatFailure),
        ...(rest > 0 ? [`and ${rest} more`] : []),
      ].join('\n'),
    )
  }
}
