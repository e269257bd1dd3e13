import { expect, onTestFinished, test } from 'vitest'
import { startDatabase } from '../../../temporal/test/stage/database.ts'
import { seeded } from '../../devstack/src/index.ts'
import { isUnavailable, readSituation } from '../src/index.ts'

test('Postgres goes away before anything but a hot statement was asked: no process ends of it, and the next one is answered', async () => {
  const database = await startDatabase()
  onTestFinished(() => database.stop())
  const ask = () => readSituation(database.db, 'alice', seeded.thirtyDays, seeded.film)
  expect(await ask()).toMatchObject({ offered: true })
  const { back } = await database.goAway()
  expect(isUnavailable(await ask().catch((error: unknown) => error))).toBe(true)
  await back()
  expect(await ask()).toMatchObject({ offered: true })
}, 60_000)
