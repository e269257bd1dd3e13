import { lockUser } from '../access.ts'
import type { Db } from '../client.ts'
import { Prisma } from '../generated/client.ts'
import { countOperatorRows, replaceInOperatorRows } from './operator-rows.ts'
import { createMentionPseudonymizer, mentionPattern, type UserNames } from './pseudonymizer.ts'
import { replaceAlerts, replaceInPurchase } from './purchase-rows.ts'
import { countWebhookRows, replaceInWebhookRows } from './webhook-rows.ts'

type Tx = Prisma.TransactionClient

/** An SQL condition that matches text containing one of the names. If no name is specific enough, the condition is false. */
const contains = (text: Prisma.Sql, pattern: string | null): Prisma.Sql =>
  pattern === null ? Prisma.sql`false` : Prisma.sql`${text} ~* ${pattern}`

/**
 * Returns the ids of other users' purchases whose rows name the user: in a reason, a note or an idempotency key, as the actor, or in a
 * manually created checkout.
 */
export const findMentions = async (tx: Tx, user: UserNames): Promise<string[]> => {
  const { userId } = user
  const pattern = mentionPattern(user)
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from purchases where user_id <> ${userId} and id in (
      select id from purchases where ${contains(Prisma.sql`facts::text`, pattern)}
      union all
      select purchase_id from refund_requests where requested_by = ${userId}
        or ${contains(Prisma.sql`concat_ws(' ', request_id, reason, requested_by)`, pattern)}
      union all
      select purchase_id from refunds where ${contains(Prisma.sql`request_id`, pattern)}
      union all
      select purchase_id from changes where cause ->> 'by' = ${userId}
        or ${contains(Prisma.sql`concat_ws(' ', cause ->> 'by', cause ->> 'reason', cause ->> 'requestId', note)`, pattern)}
      union all
      select purchase_id from alerts where resolved_by = ${userId}
        or ${contains(Prisma.sql`concat_ws(' ', detail::text, note, resolved_by, dedupe_key)`, pattern)}
      union all
      select purchase_id from stripe_events where ${contains(Prisma.sql`parsed::text`, pattern)}
    )
    order by id`
  return rows.map(({ id }) => id)
}

/** An SQL condition that matches events that name the user but belong to no purchase of this system. */
const unmatchedEvents = (userId: string, pattern: string | null): Prisma.Sql =>
  Prisma.sql`outcome in ('orphan', 'foreign') and parsed <> '{}'
    and (parsed -> 'snapshots' @> ${JSON.stringify([{ userId }])}::jsonb or ${contains(Prisma.sql`parsed::text`, pattern)})`

const alertsWithoutPurchase = (userId: string, pattern: string | null): Prisma.Sql =>
  Prisma.sql`purchase_id is null
    and (resolved_by = ${userId} or ${contains(Prisma.sql`concat_ws(' ', detail::text, note, resolved_by, dedupe_key)`, pattern)})`

const otherErasures = (userId: string, pattern: string | null): Prisma.Sql =>
  Prisma.sql`requested_by = ${userId} or ${contains(Prisma.sql`requested_by`, pattern)}`

/** Returns the number of rows that name the user and are not part of a purchase. */
export const countOtherMentions = async (tx: Tx, user: UserNames): Promise<number> => {
  const { userId } = user
  const pattern = mentionPattern(user)
  const [row] = await tx.$queryRaw<{ count: number }[]>`
    select ((select count(*) from stripe_events where ${unmatchedEvents(userId, pattern)})
      + (select count(*) from alerts where ${alertsWithoutPurchase(userId, pattern)})
      + (select count(*) from erasures where ${otherErasures(userId, pattern)})
      + (select count(*) from playback_sessions where user_id = ${userId})
      + ${countOperatorRows(user)} + ${countWebhookRows(user)})::int as count`
  return row?.count ?? 0
}

/** Replaces the user in other users' purchases. */
export const replaceMentions = async (
  db: Db,
  purchaseIds: readonly string[],
  user: UserNames,
  pseudonym: string,
): Promise<void> => {
  const pseudonymizer = createMentionPseudonymizer(user, pseudonym)
  for (const id of purchaseIds) {
    await db.$transaction(async (tx) => {
      const { userId } = await tx.purchase.findUniqueOrThrow({ where: { id }, select: { userId: true } })
      await lockUser(tx, userId)
      await replaceInPurchase(tx, id, pseudonymizer)
    })
  }
}

/** Replaces the user in rows that are not part of a purchase, and deletes the user's play log. */
export const replaceOtherMentions = async (tx: Tx, user: UserNames, pseudonym: string): Promise<void> => {
  const { userId } = user
  const pattern = mentionPattern(user)
  const pseudonymizer = createMentionPseudonymizer(user, pseudonym)
  await tx.playbackSession.deleteMany({ where: { userId } })
  await tx.$executeRaw`update stripe_events set parsed = '{}' where ${unmatchedEvents(userId, pattern)}`
  const alerts = await tx.$queryRaw<Parameters<typeof replaceAlerts>[1]>`
    select id, detail, note, resolved_by as "resolvedBy", dedupe_key as "dedupeKey"
    from alerts where ${alertsWithoutPurchase(userId, pattern)}`
  await replaceAlerts(tx, alerts, { ...pseudonymizer, requestIds: new Map(), removesReasons: false })
  await replaceInOperatorRows(tx, user, pseudonymizer)
  await replaceInWebhookRows(tx, user, pseudonymizer, pseudonym)
  const erasures = await tx.$queryRaw<{ pseudonym: string; requestedBy: string }[]>`
    select pseudonym, requested_by as "requestedBy" from erasures where ${otherErasures(userId, pattern)}`
  for (const erasure of erasures)
    await tx.erasure.update({
      where: { pseudonym: erasure.pseudonym },
      data: { requestedBy: pseudonymizer.text(pseudonymizer.userId(erasure.requestedBy)) },
    })
}
