import { describe, expect, test } from 'vitest'
import { closeDb, createDb, isUnavailable, preparedQuery } from '../src/client.ts'
import { Prisma } from '../src/generated/client.ts'

/** An error as Prisma reported it while Postgres was killed under load. */
const prismaError = (message: string, code: string) =>
  new Prisma.PrismaClientKnownRequestError(`\nInvalid \`db.entity.findUnique()\` invocation\n\n\n${message}`, {
    code,
    clientVersion: '7.10.0',
  })

describe('a Postgres that is stopping, has crashed or is starting is unavailable', () => {
  test.each([
    ['Database error. Code: `57P01`. Message: `terminating connection due to unexpected postmaster exit`', 'P2039'],
    ['Database error. Code: `57P03`. Message: `the database system is not yet accepting connections`', 'P2039'],
    ['Raw query failed. Code: `57P02`. Message: `terminating connection because of crash of another server process`', 'P2010'],
    ['Raw query failed. Code: `53300`. Message: `sorry, too many clients already`', 'P2010'],
    ['Server has closed the connection.', 'P1017'],
    ['Raw query failed. Code: `N/A`. Message: `Server has closed the connection.`', 'P2010'],
    ["Raw query failed. Code: `N/A`. Message: `Can't reach database server at 127.0.0.1:5432`", 'P2010'],
    ['Raw query failed. Code: `N/A`. Message: `Operation has timed out`', 'P2010'],
  ])('%s', (message, code) => expect(isUnavailable(prismaError(message, code))).toBe(true))

  test('a wrong statement does not mean that Postgres is unavailable', () => {
    expect(isUnavailable(prismaError('Database error. Code: `42703`. Message: `column "x" does not exist`', 'P2039'))).toBe(false)
  })
})

test('a prepared query on an unreachable Postgres fails as unavailable', async () => {
  const db = createDb('postgresql://nobody@127.0.0.1:1/none')
  const error = await preparedQuery(db)`select ${1}::int`.catch((thrown: unknown) => thrown)
  expect(isUnavailable(error)).toBe(true)
  await closeDb(db)
})
