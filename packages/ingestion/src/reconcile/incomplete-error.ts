/** `subject` is the id of an event or of a purchase, or the name of a step. */
export interface Failure {
  subject: string
  error: unknown
}

/** Prisma's messages begin with an excerpt of our source; the cause is their last line. */
export const formatFailure = ({ subject, error }: Failure): string =>
  `${subject}: ${(error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1)}`

const maxFailuresInMessage = 20

/** Thrown at the end of a run in which some items failed. All others were processed; the next run retries those that failed. */
export class ReconcileIncompleteError extends AggregateError {
  override name = 'ReconcileIncompleteError'
  constructor(failures: Failure[]) {
    const rest = failures.length - maxFailuresInMessage
    super(
      failures.map(({ error }) => error),
      [
        'Not done:',
        ...failures.slice(0, maxFailuresInMessage).map(formatFailure),
        ...(rest > 0 ? [`and ${rest} more`] : []),
      ].join('\n'),
    )
  }
}
