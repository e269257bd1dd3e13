import type { Db } from './client.ts'
import { moveCursor, readCursor } from './ledger.ts'

/** Events that are done with. */
const outcomes = ['ours', 'foreign', 'orphan'] as const

const emptyOldest = async (db: Db, outcome: (typeof outcomes)[number], before: Date, limit: number): Promise<number> => {
  const cursor = `ledger-emptied-${outcome}`
  const since = (await readCursor(db, cursor)) ?? new Date(0)
  const [done] = await db.$queryRaw<{ emptied: number; until: Date | null }[]>`
    with due as (
      select id, received_at from stripe_events
      where outcome = ${outcome} and received_at >= ${since} and received_at < ${before} and reading <> '{}'
        and (applied_at is not null or outcome <> 'ours')
      order by received_at limit ${limit}
    ), emptied as (
      update stripe_events set reading = '{}' from due where stripe_events.id = due.id returning due.received_at
    )
    select count(*)::int as emptied, max(received_at) as until from emptied`
  if (done?.until) await moveCursor(db, cursor, done.until)
  return done?.emptied ?? 0
}

/**
 * Empties what was read from the events that were received before a time and are applied, or nobody's here: it was kept to tell their purchases
 * again. That they came, when and for whom stays. At most `limit` of each kind, the oldest first; returns how many.
 */
export const clearExpiredEvents = async (db: Db, before: Date, limit: number): Promise<number> => {
  let emptied = 0
  for (const outcome of outcomes) emptied += await emptyOldest(db, outcome, before, limit)
  return emptied
}
