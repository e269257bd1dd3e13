import { type Db, deleteExpiredSecrets, deleteOldMessages, deleteOldPlays, deleteOldRequests } from '@pay-to-view/db'
import type { ReconcileRun } from './run.ts'

/** The maximum number of events to clear in one run: more than arrive between two runs at 1,000 purchases a minute. */
const maxClearedEvents = 10_000

/** This limit is lower than the limit for events, because deleting a message with its deliveries takes longer than clearing an event. */
const maxDeletedMessages = 5_000

const maxDeletedPlays = 10_000

/**
 * Clears the parsed content of events that were received before a given time and need no further work: the content is kept only to dispatch
 * the events again. The rows themselves are kept. Clears at most `limit` events, oldest first, and returns the number of cleared events.
 * There is no cursor, because an event may be applied long after newer events have been cleared.
 */
export const clearExpiredEvents = (db: Db, before: Date, limit: number): Promise<number> =>
  db.$executeRaw`
    update stripe_events set parsed = '{}' where id in (
      select id from stripe_events
      where parsed <> '{}' and received_at < ${before} and (applied_at is not null or outcome not in ('received', 'matched'))
      order by received_at limit ${limit})`

/**
 * Clears expired events, and deletes old plays and old messages to webhook endpoints. The retention times are set only in scheduled runs.
 */
export const applyRetention = async ({ db, scope }: ReconcileRun): Promise<void> => {
  if (scope.clearEventsBefore) await clearExpiredEvents(db, scope.clearEventsBefore, maxClearedEvents)
  if (scope.deletePlaysBefore) await deleteOldPlays(db, scope.deletePlaysBefore, maxDeletedPlays)
  if (!scope.deleteMessagesBefore) return
  await deleteOldMessages(db, scope.deleteMessagesBefore, maxDeletedMessages)
  await deleteOldRequests(db, scope.deleteMessagesBefore)
  await deleteExpiredSecrets(db, new Date())
}
