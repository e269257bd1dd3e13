import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { seedIds } from '@pay-to-view/devstack'
import { freePort } from '@pay-to-view/devstack/ports'
import { startDatabase } from '@pay-to-view/testing/database'
import { expect, onTestFinished, test } from 'vitest'
import { closeDb, preparedQuery } from '../src/client.ts'
import { createDb, type Db, isUnavailable, readCreateContext } from '../src/index.ts'

const errorOf = (query: Promise<unknown>) => query.catch((error: unknown) => error)

test('an outage of Postgres before Prisma was used does not crash the process, and the next query succeeds', async () => {
  const database = await startDatabase()
  onTestFinished(() => database.stop())
  const query = () => readCreateContext(database.db, 'alice', seedIds.thirtyDayProduct, seedIds.film)
  expect(await query()).toMatchObject({ offered: true })
  const { restart } = await database.stopServer()
  expect(isUnavailable(await errorOf(query()))).toBe(true)
  await restart()
  expect(await query()).toMatchObject({ offered: true })
}, 60_000)

/** The ReadyForQuery message that Postgres sends on a new connection. */
const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])

test('a connection that Postgres closes immediately fails the transaction but does not crash the process', async () => {
  const database = await startDatabase()
  onTestFinished(() => database.stop())
  const serverUrl = new URL(database.databaseUrl)
  const proxyUrl = new URL(serverUrl)
  proxyUrl.searchParams.set('application_name', 'delayed')
  proxyUrl.port = String(await freePort())
  // The proxy delays ReadyForQuery until the server has closed the connection, so the client receives both at the same time.
  const proxy = createServer((client) => {
    const server = connect(Number(serverUrl.port), serverUrl.hostname)
    const delayed: Buffer[] = []
    client.pipe(server)
    server.on('data', async (chunk) => {
      if (delayed.length === 0 && !chunk.subarray(-readyForQuery.length).equals(readyForQuery)) return client.write(chunk)
      delayed.push(chunk)
      if (delayed.length === 1)
        await database.db.$queryRaw`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'delayed'`
    })
    server.on('end', () => client.end(Buffer.concat(delayed)))
    for (const socket of [client, server]) socket.on('error', () => socket.destroy())
  }).listen(proxyUrl.port)
  await once(proxy, 'listening')
  onTestFinished(() => void proxy.close())
  const db = createDb(proxyUrl.href)
  onTestFinished(() => closeDb(db))
  expect(isUnavailable(await errorOf(db.$transaction((tx) => tx.product.count())))).toBe(true)
}, 60_000)

test('a Postgres that is too slow, is read-only or rejects the login counts as unavailable', async () => {
  const database = await startDatabase()
  onTestFinished(() => database.stop())
  const connectWith = (change: (url: URL) => void = () => undefined) => {
    const url = new URL(database.databaseUrl)
    change(url)
    const db = createDb(url.href, { connections: 2, statementTimeoutMs: 300 })
    onTestFinished(() => closeDb(db))
    return db
  }
  /** Runs a prepared statement, a Prisma query, a Prisma raw query and a Prisma transaction. Returns whether each fails as unavailable. */
  const areUnavailable = (db: Db) =>
    Promise.all(
      [
        preparedQuery(db)`insert into customers (user_id, stripe_customer_id) values ('alice', 'cus_1')`,
        db.customer.create({ data: { userId: 'bob', stripeCustomerId: 'cus_2' } }),
        db.$queryRaw`insert into customers (user_id, stripe_customer_id) values ('carol', 'cus_3')`,
        db.$transaction((tx) => tx.customer.create({ data: { userId: 'dave', stripeCustomerId: 'cus_4' } })),
      ].map(async (query) => isUnavailable(await errorOf(query))),
    )
  const all = [true, true, true, true]
  await database.db.$transaction(async (tx) => {
    await tx.$executeRaw`lock table customers in access exclusive mode`
    expect(await areUnavailable(connectWith())).toEqual(all)
  })
  const readOnly = connectWith((url) => url.searchParams.set('options', '-c default_transaction_read_only=on'))
  expect(await areUnavailable(readOnly)).toEqual(all)
  expect(await areUnavailable(connectWith((url) => Object.assign(url, { password: 'another' })))).toEqual(all)
  expect(await areUnavailable(connectWith((url) => Object.assign(url, { pathname: '/none' })))).toEqual(all)
}, 60_000)
