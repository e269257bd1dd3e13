import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertTestPurchase, newUser, useDatabase } from './test-purchase.ts'

const database = useDatabase()

const warnings: string[] = []
const onWarning = ({ message }: Error) => warnings.push(message)
beforeAll(() => {
  process.on('warning', onWarning)
})
afterAll(() => {
  process.off('warning', onWarning)
})

test('a transaction reads several relations one after another, so pg does not warn', async () => {
  const { db } = database
  const { id } = await insertTestPurchase(db, newUser())
  const row = await db.$transaction((tx) =>
    tx.purchase.findUniqueOrThrow({
      where: { id },
      select: { refundRequests: true, refunds: true, changes: true, alerts: true, grant: true, entity: true },
    }),
  )
  expect(row).toMatchObject({ refunds: [], grant: null, entity: { type: 'video' } })
  await new Promise(setImmediate)
  expect(warnings).toEqual([])
})

test('a failed statement rolls back the statements that were started with it, and its connection can be used again', async () => {
  const { db } = database
  const name = `cursor-${newUser()}`
  const failing = db.$transaction((tx) =>
    Promise.all([
      tx.cursor.create({ data: { name, at: new Date() } }),
      tx.$queryRaw`select 1 / 0`,
      tx.cursor.updateMany({ where: { name }, data: { at: new Date(0) } }),
    ]),
  )
  await expect(failing).rejects.toThrow('division by zero')
  expect(await db.cursor.count({ where: { name } })).toBe(0)
  await db.$transaction(async (tx) => {
    await Promise.all([
      tx.cursor.create({ data: { name, at: new Date(0) } }),
      tx.cursor.updateMany({ where: { name }, data: { at: new Date(1) } }),
    ])
  })
  expect(await db.cursor.findUnique({ where: { name } })).toMatchObject({ at: new Date(1) })
})
