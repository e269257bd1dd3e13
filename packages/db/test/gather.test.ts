import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, startDatabase } from '../../../temporal/test/stage/database.ts'
import { ask } from '../src/client.ts'
import { gather } from '../src/gather.ts'
import { DatabaseUnavailable } from '../src/index.ts'

let database: Database
beforeAll(async () => {
  database = await startDatabase()
}, 120_000)
afterAll(() => database?.stop())

/** Asks for a hundred divided by each number, and notes how many were asked for at a time. */
const shares = () => {
  const asked: number[] = []
  const share = gather(async (db, numbers: readonly number[]) => {
    asked.push(numbers.length)
    const rows = await ask<{ share: number }>(db)`
      select 100 / number::int as share
      from json_array_elements_text(${JSON.stringify(numbers)}) with ordinality as asked(number, position) order by position`
    return rows.map((row) => row.share)
  })
  return { asked, share: (number: number) => share(database.db, number) }
}

test('what is asked in one turn is one statement, each gets its own answer, and nothing is kept for the next turn', async () => {
  const { asked, share } = shares()
  expect(await Promise.all([share(50), share(4), share(50), share(1)])).toEqual([2, 25, 2, 100])
  expect(await share(50)).toBe(2)
  expect(asked).toEqual([4, 1])
})

test('more than a hundred are asked for by several statements', async () => {
  const { asked, share } = shares()
  expect(await Promise.all(Array.from({ length: 201 }, () => share(1)))).toEqual(Array(201).fill(100))
  expect(asked).toEqual([100, 100, 1])
})

test('a question that Postgres refuses fails alone', async () => {
  const { asked, share } = shares()
  const answers = await Promise.allSettled([share(50), share(0), share(4)])
  expect(answers).toMatchObject([
    { status: 'fulfilled', value: 2 },
    { status: 'rejected', reason: { message: 'division by zero' } },
    { status: 'fulfilled', value: 25 },
  ])
  expect(asked).toEqual([3, 1, 1, 1])
})

test('nobody asks again while Postgres is away', async () => {
  const { asked, share } = shares()
  const { back } = await database.goAway()
  const answers = await Promise.allSettled([share(50), share(4)])
  await back()
  expect(answers.map((answer) => answer.status === 'rejected' && answer.reason)).toEqual(
    Array(2).fill(expect.any(DatabaseUnavailable)),
  )
  expect(asked).toEqual([2])
  expect(await share(50)).toBe(2)
})
