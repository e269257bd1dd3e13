import { maxEvidencePlays } from '@pay-to-view/purchase'
import { expect, test } from 'vitest'
import { replaceOtherMentions } from '../src/erasure/mentions.ts'
import {
  deleteOldPlays,
  endPlaybackSession,
  playsOf,
  readEvidenceSource,
  readOpenPlaybackSessions,
  readUserDataInventory,
} from '../src/index.ts'
import { film, insertTestPurchase, newUser, useDatabase } from './test-purchase.ts'

const database = useDatabase()

const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000)

/** Inserts plays. Each pair of times gives the numbers of minutes since the start and since the last heartbeat. */
const insertPlays = async (userId: string, ...times: [started: number, seen: number][]): Promise<string[]> => {
  const rows = times.map(([started, seen], index) => ({
    ...{ id: `play_${userId}_${index}`, userId, entityId: film.id, device: 'Chrome on Windows', address: '203.0.113.0/24' },
    ...{ startedAt: minutesAgo(started), lastSeenAt: minutesAgo(seen), maxPositionSeconds: 60 },
  }))
  await database.db.playbackSession.createMany({ data: rows })
  return rows.map(({ id }) => id)
}

test('the log lists the newest plays first, page by page; a play whose heartbeats have stopped counts as ended', async () => {
  const user = newUser()
  const [first, second, third] = await insertPlays(user, [60, 30], [60, 10], [5, 0])
  await database.db.playbackSession.update({ where: { id: second ?? '' }, data: { entityId: 'deleted' } })
  const page = await playsOf(database.db, user, null, 2)
  expect(page).toMatchObject([
    { id: third, entityTitle: film.title, endedAt: null, endReason: null, maxPositionSeconds: 60 },
    { id: second, entityTitle: null, endReason: 'expired' },
  ])
  const [, last] = page
  expect(last?.endedAt?.getTime()).toBe((last?.lastSeenAt.getTime() ?? 0) + 90_000)
  expect(await playsOf(database.db, user, last ?? null, 2)).toMatchObject([{ id: first }])
  expect(await readOpenPlaybackSessions(database.db, user, null)).toMatchObject([{ id: third }])
})

test('a player that stops after its lease has run out does not make its play longer', async () => {
  const userId = newUser()
  const [id = ''] = await insertPlays(userId, [60, 50])
  await endPlaybackSession(database.db, { id, userId, reason: 'stopped', positionSeconds: 61 })
  const [play] = await playsOf(database.db, userId, null, 1)
  expect(play).toMatchObject({ endReason: 'stopped', maxPositionSeconds: 61 })
  expect(play?.endedAt?.getTime()).toBe((play?.lastSeenAt.getTime() ?? 0) + 90_000)
})

test("a dispute's evidence has the end of each play, or its last heartbeat if the player stopped responding", async () => {
  const user = newUser()
  const { id: purchaseId } = await insertTestPurchase(database.db, user, film)
  await database.db.purchase.update({ where: { id: purchaseId }, data: { createdAt: minutesAgo(100) } })
  const [stopped = '', expired = '', closedLater = '', open = ''] = await insertPlays(user, [60, 50], [40, 30], [20, 10], [5, 1])
  const end = (id: string, endReason: 'stopped' | 'expired', endedAt: Date) =>
    database.db.playbackSession.update({ where: { id }, data: { endReason, endedAt } })
  const { endedAt } = await end(stopped, 'stopped', minutesAgo(49))
  const { lastSeenAt } = await end(expired, 'expired', minutesAgo(28))
  // The player was closed after its lease had expired.
  const { lastSeenAt: lastHeartbeat } = await end(closedLater, 'stopped', minutesAgo(8))
  const { lastSeenAt: heartbeat } = await database.db.playbackSession.findUniqueOrThrow({ where: { id: open } })
  const plays = (await readEvidenceSource(database.db, purchaseId))?.plays ?? []
  expect(plays.map((play) => play.endedAt)).toEqual([heartbeat, lastHeartbeat, lastSeenAt, endedAt])
})

test("a dispute's evidence has a play even if the film was opened many times afterward without being played", async () => {
  const user = newUser()
  const { id: purchaseId } = await insertTestPurchase(database.db, user, film)
  await database.db.purchase.update({ where: { id: purchaseId }, data: { createdAt: minutesAgo(100) } })
  const opened = Array.from({ length: maxEvidencePlays }, (): [number, number] => [5, 5])
  const [played, ...unplayed] = await insertPlays(user, [60, 50], ...opened)
  await database.db.playbackSession.updateMany({ where: { id: { in: unplayed } }, data: { maxPositionSeconds: 0 } })
  const plays = (await readEvidenceSource(database.db, purchaseId))?.plays ?? []
  expect(played).toBeDefined()
  expect(plays).toHaveLength(maxEvidencePlays)
  expect(plays[0]).toMatchObject({ maxPositionSeconds: 60 })
})

test('old plays are deleted, oldest first, up to a limit', async () => {
  const user = newUser()
  const days = 1_440
  const [, second, third] = await insertPlays(user, [500 * days, 500 * days], [450 * days, 450 * days], [399 * days, 399 * days])
  const left = async () => (await playsOf(database.db, user, null, 10)).map(({ id }) => id)
  expect(await deleteOldPlays(database.db, minutesAgo(400 * days), 1)).toBe(1)
  expect(await left()).toEqual([third, second])
  expect(await deleteOldPlays(database.db, minutesAgo(400 * days), 10)).toBe(1)
  expect(await left()).toEqual([third])
})

test("an erasure counts and deletes only the user's plays", async () => {
  const [erased, other] = [newUser(), newUser()]
  await insertPlays(erased, [5, 0], [9, 8])
  await insertPlays(other, [5, 0])
  const user = { userId: erased, emails: [] }
  expect(await readUserDataInventory(database.db, user)).toMatchObject({ otherMentions: 2 })
  await database.db.$transaction((tx) => replaceOtherMentions(tx, user, 'forgotten'))
  expect(await playsOf(database.db, erased, null, 10)).toEqual([])
  expect(await playsOf(database.db, other, null, 10)).toHaveLength(1)
})
