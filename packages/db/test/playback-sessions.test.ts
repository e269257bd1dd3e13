import { expect, test } from 'vitest'
import { type NewPlaybackSession, readOpenPlaybackSessions, startPlaybackSession } from '../src/index.ts'
import { film, newUser, useDatabase } from './test-purchase.ts'

const database = useDatabase()

const start = (session: Partial<NewPlaybackSession> & { userId: string }, { maxStreams = 3, takeOver = false } = {}) =>
  startPlaybackSession(
    database.db,
    { entityId: film.id, deviceId: null, device: null, address: null, ...session },
    { maxStreams, takeOver },
  )

const openIds = async (userId: string): Promise<string[]> =>
  (await readOpenPlaybackSessions(database.db, userId, null)).map(({ id }) => id).sort()

test('sessions that start at the same time are stored as their users and devices', async () => {
  const users = Array.from({ length: 20 }, newUser)
  const ids = await Promise.all(
    users.map((userId, n) => start({ userId, deviceId: `device-${n}`, device: `Device ${n}`, address: `203.0.${n}.0/24` })),
  )
  const stored = await database.db.playbackSession.findMany({ where: { userId: { in: users } }, orderBy: { address: 'asc' } })
  const expected = users.map((userId, n) => ({
    ...{ id: ids[n], userId, entityId: film.id, deviceId: `device-${n}`, device: `Device ${n}`, address: `203.0.${n}.0/24` },
    ...{ endedAt: null, endReason: null, maxPositionSeconds: 0 },
  }))
  expect(stored).toHaveLength(20)
  expect(stored).toEqual(expect.arrayContaining(expected.map((row) => expect.objectContaining(row))))
})

test('of 20 sessions that one user starts at the same time, as many start as there are places', async () => {
  const userId = newUser()
  const ids = await Promise.all(Array.from({ length: 20 }, () => start({ userId })))
  const started = ids.filter((id) => id !== null)
  expect(started).toHaveLength(3)
  expect(await openIds(userId)).toEqual(started.sort())
})

test('of two sessions that one device starts at the same time, the second replaces the first', async () => {
  const userId = newUser()
  const [first, second] = await Promise.all([start({ userId, deviceId: 'tablet' }), start({ userId, deviceId: 'tablet' })])
  const open = await openIds(userId)
  expect(open).toHaveLength(1)
  expect([first, second]).toEqual(expect.arrayContaining(open))
  expect(await database.db.playbackSession.findFirst({ where: { userId, endReason: 'replaced' } })).not.toBeNull()
})

test('sessions that start at the same time take over only places of their own users', async () => {
  const [full, other] = [newUser(), newUser()]
  const before = await start({ userId: full }, { maxStreams: 1 })
  const [refused, startedElsewhere] = await Promise.all([
    start({ userId: full }, { maxStreams: 1 }),
    start({ userId: other }, { maxStreams: 1 }),
  ])
  expect(refused).toBeNull()
  const [takenOver] = await Promise.all([
    start({ userId: full }, { maxStreams: 1, takeOver: true }),
    start({ userId: newUser() }, { maxStreams: 1, takeOver: true }),
  ])
  expect(await openIds(full)).toEqual([takenOver])
  expect(await openIds(other)).toEqual([startedElsewhere])
  const ended = await database.db.playbackSession.findUnique({ where: { id: before ?? '' } })
  expect(ended?.endReason).toBe('taken_over')
})

test("a session waits for its own user's lock, and other users' sessions do not", async () => {
  const [locked, free] = [newUser(), newUser()]
  let waiting: Promise<string | null> | undefined
  await database.db.$transaction(async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${locked}, 0))`
    waiting = start({ userId: locked })
    expect(await start({ userId: free })).not.toBeNull()
    expect(await openIds(locked)).toEqual([])
  })
  expect(await openIds(locked)).toEqual([await waiting])
})
