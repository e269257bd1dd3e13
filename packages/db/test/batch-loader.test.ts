import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { batchLoader } from '../src/batch-loader.ts'
import { preparedQuery } from '../src/client.ts'
import { createDb, DatabaseUnavailable } from '../src/index.ts'

let database: Database
beforeAll(async () => {
  database = await startDatabase()
}, 120_000)
afterAll(() => database?.stop())

/** Asks for a hundred divided by each number, and notes how many were asked for at a time. */
const shares = () => {
  const asked: number[] = []
  const share = batchLoader(3, async (db, numbers: readonly number[]) => {
    asked.push(numbers.length)
    const rows = await preparedQuery<{ share: number }>(db)`
      select 100 / number as share from unnest(${numbers}::int[]) with ordinality as asked(number, position) order by position`
    return rows.map((row) => row.share)
  })
  return { asked, share: (number: number, db = database.db) => share(db, number) }
}

test('what is asked in one turn of the event loop is one statement, each gets its own answer, and nothing is kept for the next turn', async () => {
  const { asked, share } = shares()
  // Timers of one time run in one turn, each with its own promises, as requests of several connections do.
  const fromTimer = (number: number) => new Promise<number>((resolve) => setTimeout(() => resolve(share(number)), 1))
  expect(await Promise.all([fromTimer(50), fromTimer(4), fromTimer(50)])).toEqual([2, 25, 2])
  expect(await share(50)).toBe(2)
  expect(asked).toEqual([3, 1])
})

test('more than are asked together are asked for by several statements', async () => {
  const { asked, share } = shares()
  expect(await Promise.all([share(1), share(2), share(4), share(5), share(10), share(20), share(25)])).toEqual([
    100, 50, 25, 20, 10, 5, 4,
  ])
  expect(asked).toEqual([3, 3, 1])
})

test('a question that Postgres refuses fails alone, and one that was alone is not asked again', async () => {
  const { asked, share } = shares()
  const answers = await Promise.allSettled([share(50), share(0), share(4)])
  expect(answers).toMatchObject([
    { status: 'fulfilled', value: 2 },
    { status: 'rejected', reason: { message: 'division by zero' } },
    { status: 'fulfilled', value: 25 },
  ])
  await expect(share(0)).rejects.toThrow('division by zero')
  expect(asked).toEqual([3, 1, 1, 1, 1])
})

test('each client is asked what it was meant to be asked', async () => {
  const { asked, share } = shares()
  const nowhere = createDb('postgresql://nobody@127.0.0.1:1/nothing')
  onTestFinished(() => nowhere.$disconnect())
  const answers = await Promise.allSettled([share(50), share(4, nowhere)])
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(asked).toEqual([1, 1])
})

test('nobody asks again while Postgres is away', async () => {
  const { asked, share } = shares()
  const { restart } = await database.stopServer()
  const answers = await Promise.allSettled([share(50), share(4)])
  await restart()
  expect(answers.map((answer) => answer.status === 'rejected' && answer.reason)).toEqual(
    Array(2).fill(expect.any(DatabaseUnavailable)),
  )
  expect(asked).toEqual([2])
  expect(await share(50)).toBe(2)
})
