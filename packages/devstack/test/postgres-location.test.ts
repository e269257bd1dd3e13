import { existsSync, mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openDataFolder, removeDataFolder } from '../src/index.ts'
import { freePort } from '../src/ports.ts'
import { startPostgres, withClient } from '../src/postgres.ts'

test('Postgres can be started for a data folder that only the current user can access, even if that user is root, and keeps its data', async () => {
  const closed = mkdtempSync(path.join(tmpdir(), 'pay-to-view-closed-'))
  expect(statSync(closed).mode & 0o777).toBe(0o700)
  const open = () => openDataFolder(path.join(closed, 'data'))
  onTestFinished(() => removeDataFolder({ ...open(), path: closed }))
  const start = async () => startPostgres(open(), { port: await freePort(), ephemeral: true })

  const first = await start()
  await withClient(first.databaseUrl, (client) => client.query('create table films (title text)'))
  await first.child.stop()
  expect(existsSync(path.join(open().postgres, 'data/PG_VERSION'))).toBe(true)

  const second = await start()
  const count = await withClient(second.databaseUrl, (client) => client.query('select count(*)::int as count from films'))
  await second.child.stop()
  expect(count.rows).toEqual([{ count: 0 }])
}, 120_000)
