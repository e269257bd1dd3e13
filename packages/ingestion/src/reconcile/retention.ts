import { type Db, moveCursor, readCursor } from '@pay-to-view/db'

/** Outcomes of events that need no further work once they are applied. */
const outcomes = ['matched', 'foreign', 'orphan'] as const

const clearOldest = async (db: Db, outcome: (typeof outcomes)[number], before: Date, limit: number): Promise<number> => {
  const cursor = `ledger-cleared-${outcome}`
  const since = (await readCursor(db, cursor)) ?? new Date(0)
  const [result] = await db.$queryRaw<{ cleared: number; until: Date | null }[]>`
    with due as (
      select id, received_at from stripe_events
      where outcome = ${outcome} and received_at >= ${since} and received_at < ${before} and parsed <> '{}'
        and (applied_at is not null or outcome <> 'matched')
      order by received_at limit ${limit}
    ), cleared as (
      update stripe_events set parsed = '{}' from due where stripe_events.id = due.id returning due.received_at
    )
    select count(*)::int as cleared, max(received_at) as until from cleared`
  if (result?.until) await moveCursor(db, cursor, result.until)
  return result?.cleared ?? 0
}

/**
 * Clears the parsed content of events that were received before a time and are applied, foreign or orphans: it is kept only to dispatch them
 * again. The row itself stays. Clears at most `limit` events per outcome, oldest first, and returns how many.
 */
export const clearExpiredEvents = async (db: Db, before: Date, limit: number): Promise<number> => {
  let cleared = 0
  for (const outcome of outcomes) cleared += await clearOldest(db, outcome, before, limit)
  return cleared
}
