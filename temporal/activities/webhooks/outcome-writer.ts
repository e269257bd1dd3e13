import { type AttemptOutcome, type Db, recordAttempts } from '@pay-to-view/db'

/**
 * Writes outcomes for one endpoint. Outcomes that arrive during a write are written together in the next write: a fast endpoint needs few
 * statements, and a slow endpoint's outcomes are written immediately. The promise resolves when the outcome is written.
 */
export const createOutcomeWriter = (db: Db, endpointId: string): ((outcome: AttemptOutcome) => Promise<void>) => {
  let waiting: AttemptOutcome[] = []
  let next: Promise<void> | null = null
  let current: Promise<void> = Promise.resolve()

  const writeNext = async (previous: Promise<void>): Promise<void> => {
    await previous.catch(() => undefined)
    const outcomes = waiting
    waiting = []
    next = null
    await recordAttempts(db, endpointId, outcomes)
  }

  return (outcome) => {
    waiting.push(outcome)
    if (!next) {
      next = writeNext(current)
      current = next
    }
    return next
  }
}
