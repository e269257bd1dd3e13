import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { seedIds } from '@pay-to-view/devstack'
import { freePort } from '@pay-to-view/devstack/ports'
import { startDatabase } from '@pay-to-view/testing/database'
import { expect, onTestFinished, test } from 'vitest'
import { preparedQuery } from '../src/client.ts'
import { createDb, type Db, isUnavailable, readCreateContext } from '../src/index.ts'

const thrownBy = (asked: Promise<unknown>) => asked.catch((error: unknown) => error)

test('Postgres goes away before anything but a hot statement was asked: no process ends of it, and the next one is answered', async () => {
  const database = await startDatabase()
  onTestFinished(() => database.stop())
  const ask = () => readCreateContext(database.db, 'alice', seedIds.thirtyDayProduct, seedIds.film)
  expect(await ask()).toMatchObject({ offered: true })
  const { restart } = await database.stopServer()
  expect(isUnavailable(await thrownBy(ask()))).toBe(true)
  await restart()
  expect(await ask()).toMatchObject({ offered: true })
}, 60_000)

/** "I am ready", as Postgres says it of a new connection. */
const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])

test('Postgres ends a connection in the moment in which it is made: the transaction fails, and no process ends of it', async () => {
  const database = await startDatabase()
  onTestFinished(() => database.stop())
  const real = new URL(database.databaseUrl)
  const through = new URL(real)
  through.searchParams.set('application_name', 'held')
  through.port = String(await freePort())
  // That the new connection is ready is told together with its end.
  const between = createServer((client) => {
    const server = connect(Number(real.port), real.hostname)
    const held: Buffer[] = []
    client.pipe(server)
    server.on('data', async (chunk) => {
      if (held.length === 0 && !chunk.subarray(-ready.length).equals(ready)) return client.write(chunk)
      held.push(chunk)
      if (held.length === 1)
        await database.db.$queryRaw`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'held'`
    })
    server.on('end', () => client.end(Buffer.concat(held)))
    for (const socket of [client, server]) socket.on('error', () => socket.destroy())
  }).listen(through.port)
  await once(between, 'listening')
  onTestFinished(() => void between.close())
  const db = createDb(through.href)
  onTestFinished(() => db.$disconnect())
  expect(isUnavailable(await thrownBy(db.$transaction((tx) => tx.product.count())))).toBe(true)
}, 60_000)

test('Postgres answers and cannot serve: too slow, read-only, or with another password', async () => {
  const database = await startDatabase()
  onTestFinished(() => database.stop())
  const connect = (change: (url: URL) => void = () => undefined) => {
    const url = new URL(database.databaseUrl)
    change(url)
    const db = createDb(url.href, { connections: 2, statementTimeoutMs: 300 })
    onTestFinished(() => db.$disconnect())
    return db
  }
  /** By hand, by Prisma, and by Prisma in a transaction. */
  const asked = (db: Db) =>
    Promise.all(
      [
        preparedQuery(db)`insert into customers (user_id, stripe_customer_id) values ('alice', 'cus_1')`,
        db.customer.create({ data: { userId: 'bob', stripeCustomerId: 'cus_2' } }),
        db.$queryRaw`insert into customers (user_id, stripe_customer_id) values ('carol', 'cus_3')`,
        db.$transaction((tx) => tx.customer.create({ data: { userId: 'dave', stripeCustomerId: 'cus_4' } })),
      ].map(async (one) => isUnavailable(await thrownBy(one))),
    )
  const away = [true, true, true, true]
  await database.db.$transaction(async (tx) => {
    await tx.$executeRaw`lock table customers in access exclusive mode`
    expect(await asked(connect())).toEqual(away)
  })
  expect(await asked(connect((url) => url.searchParams.set('options', '-c default_transaction_read_only=on')))).toEqual(away)
  expect(await asked(connect((url) => Object.assign(url, { password: 'another' })))).toEqual(away)
  expect(await asked(connect((url) => Object.assign(url, { pathname: '/none' })))).toEqual(away)
}, 60_000)
