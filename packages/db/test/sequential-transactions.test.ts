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
