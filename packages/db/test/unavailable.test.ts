import dns from 'node:dns'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { closeDb, createDb, type Db, isUnavailable, preparedQuery } from '../src/client.ts'
import { Prisma } from '../src/generated/client.ts'

/** Creates an error like those that Prisma reported when Postgres was killed under load. */
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

test('a prepared query on an unreachable Postgres is reported as unavailable', async () => {
  const db = createDb('postgresql://nobody@127.0.0.1:1/none')
  const error = await preparedQuery(db)`select ${1}::int`.catch((thrown: unknown) => thrown)
  expect(isUnavailable(error)).toBe(true)
  await closeDb(db)
})

/** Returns whether a prepared query, a Prisma query, a raw query and a Prisma transaction each fail as unavailable. */
const areUnavailable = async (db: Db): Promise<boolean[]> => {
  onTestFinished(() => closeDb(db))
  const queries = [
    preparedQuery(db)`select ${1}::int`,
    db.cursor.findFirst(),
    db.$queryRaw`select 1`,
    db.$transaction((tx) => tx.cursor.findFirst()),
  ]
  return Promise.all(
    queries.map((query) =>
      query.then(
        () => false,
        (error: unknown) => isUnavailable(error),
      ),
    ),
  )
}
const all = [true, true, true, true]

/** Replaces this process's DNS lookup until the test ends. */
const replaceLookup = (...answer: [error: Error | null, addresses: object[]]): void => {
  const { lookup } = dns
  onTestFinished(() => void Object.assign(dns, { lookup }))
  Object.assign(dns, {
    lookup: (_host: string, _options: object, callback: (error: Error | null, addresses: object[]) => void) =>
      callback(...answer),
  })
}

test.each(['EAI_AGAIN', 'ENOTFOUND'])('a host whose name cannot be resolved (%s) is unavailable', async (code) => {
  const failure = Object.assign(new Error(`getaddrinfo ${code} postgres`), { code, errno: -3001, syscall: 'getaddrinfo' })
  replaceLookup(failure, [])
  expect(await areUnavailable(createDb('postgresql://nobody@postgres:1/none'))).toEqual(all)
})

test('a host with several addresses that all refuse connections is unavailable', async () => {
  replaceLookup(
    null,
    ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 })),
  )
  expect(await areUnavailable(createDb('postgresql://nobody@postgres:1/none'))).toEqual(all)
})

test.each(['08P01', '08006', '58030'])('a Postgres or pooler that returns %s is unavailable', async (state) => {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${state}\0Mno connection\0\0`)
  const header = Buffer.from([0x45, 0, 0, 0, fields.length + 4])
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => socket.end(Buffer.concat([header, fields])))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : null
  expect(await areUnavailable(createDb(`postgresql://nobody@127.0.0.1:${port}/none`))).toEqual(all)
})

test('an error about a file or an argument does not mean that Postgres is unavailable', () => {
  for (const code of ['ENOENT', 'ERR_INVALID_ARG_TYPE', undefined])
    expect(isUnavailable(Object.assign(new Error('x'), { code }))).toBe(false)
})
