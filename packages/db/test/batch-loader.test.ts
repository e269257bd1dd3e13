import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { batchLoader } from '../src/batch-loader.ts'
import { closeDb, type Db, preparedQuery } from '../src/client.ts'
import { createDb, DatabaseUnavailable } from '../src/index.ts'

let database: Database
beforeAll(async () => {
  database = await startDatabase()
}, 120_000)
afterAll(() => database?.stop())

/** Creates a batch loader that divides 100 by each number in batches of at most three, and records the batch sizes. */
const createDivider = (windowMs?: number) => {
  const batchSizes: number[] = []
  const divideAll = async (db: Db, numbers: readonly number[]) => {
    batchSizes.push(numbers.length)
    const rows = await preparedQuery<{ share: number }>(db)`
      select 100 / number as share from unnest(${numbers}::int[]) with ordinality as lookup(number, position) order by position`
    return rows.map((row) => row.share)
  }
  const load = batchLoader(3, divideAll, windowMs)
  return { batchSizes, divide: (number: number, db = database.db) => load(db, number) }
}

test('keys from one turn of the event loop are read in one statement, each gets its own result, and nothing is cached', async () => {
  const { batchSizes, divide } = createDivider()
  // Timers that are due at the same time run in one turn of the event loop, like requests from several connections.
  const fromTimer = (number: number) => new Promise<number>((resolve) => setTimeout(() => resolve(divide(number)), 1))
  expect(await Promise.all([fromTimer(50), fromTimer(4), fromTimer(50)])).toEqual([2, 25, 2])
  expect(await divide(50)).toBe(2)
  expect(batchSizes).toEqual([3, 1])
})

test('keys from several turns within a window are read in one statement', async () => {
  const { batchSizes, divide } = createDivider(200)
  const first = divide(50)
  await new Promise((resolve) => setImmediate(resolve))
  expect(await Promise.all([first, divide(4)])).toEqual([2, 25])
  expect(batchSizes).toEqual([2])
})

test('more keys than fit into a batch are read in several statements', async () => {
  const { batchSizes, divide } = createDivider()
  expect(await Promise.all([1, 2, 4, 5, 10, 20, 25].map((number) => divide(number)))).toEqual([100, 50, 25, 20, 10, 5, 4])
  expect(batchSizes).toEqual([3, 3, 1])
})

test('a key that Postgres rejects fails without affecting the other keys, and a single key is not retried', async () => {
  const { batchSizes, divide } = createDivider()
  const results = await Promise.allSettled([divide(50), divide(0), divide(4)])
  expect(results).toMatchObject([
    { status: 'fulfilled', value: 2 },
    { status: 'rejected', reason: { message: 'division by zero' } },
    { status: 'fulfilled', value: 25 },
  ])
  await expect(divide(0)).rejects.toThrow('division by zero')
  expect(batchSizes).toEqual([3, 1, 1, 1, 1])
})

test('keys of different clients are in different batches', async () => {
  const { batchSizes, divide } = createDivider()
  const unreachable = createDb('postgresql://nobody@127.0.0.1:1/nothing')
  onTestFinished(() => closeDb(unreachable))
  const results = await Promise.allSettled([divide(50), divide(4, unreachable)])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(batchSizes).toEqual([1, 1])
})

test('keys are not retried one by one while Postgres is unavailable', async () => {
  const { batchSizes, divide } = createDivider()
  const { restart } = await database.stopServer()
  const results = await Promise.allSettled([divide(50), divide(4)])
  await restart()
  expect(results.map((result) => result.status === 'rejected' && result.reason)).toEqual(
    Array(2).fill(expect.any(DatabaseUnavailable)),
  )
  expect(batchSizes).toEqual([2])
  expect(await divide(50)).toBe(2)
})
