import { withClient } from '@pay-to-view/devstack/postgres'
import { startDatabase } from '@pay-to-view/testing/database'
import { expect, onTestFinished, test } from 'vitest'
import { closeDb, createDb, preparedQuery } from '../src/client.ts'

test.each([
  ['prepared queries', async (db: ReturnType<typeof createDb>) => preparedQuery(db)`select ${1}::int`],
  ['queries of Prisma', async (db: ReturnType<typeof createDb>) => db.$queryRaw`select 1`],
])('closeDb closes the connections of a client that has run %s', async (_, query) => {
  const database = await startDatabase()
  onTestFinished(() => database.stop())
  const db = createDb(`${database.databaseUrl}?application_name=closed`)
  const connections = () =>
    withClient(database.databaseUrl, (client) =>
      client.query("select pid from pg_stat_activity where application_name = 'closed'").then(({ rowCount }) => rowCount),
    )
  await query(db)
  expect(await connections()).toBe(1)
  await closeDb(db)
  // The timeout is far below the 10 seconds after which the pool closes idle connections itself.
  await expect.poll(connections, { timeout: 2_000 }).toBe(0)
})
