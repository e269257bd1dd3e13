import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createDb, type Db } from '@pay-to-view/db'
import { migrate } from '@pay-to-view/db/migrate'
import { openHome } from '@pay-to-view/devstack/home'
import { freePort } from '@pay-to-view/devstack/ports'
import { startPostgres } from '@pay-to-view/devstack/postgres'
import { seed } from '@pay-to-view/devstack/seed'

export interface Database {
  db: Db
  databaseUrl: string
  /** Postgres is stopped; `back` starts it again, with the same data and at the same place. */
  goAway(): Promise<{ back(): Promise<void> }>
  stop(): Promise<void>
}

/** A Postgres of our own with the catalogue in it. */
export const startDatabase = async (): Promise<Database> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-temporal-'))
  const home = openHome(folder)
  const port = await freePort()
  let { child, databaseUrl } = await startPostgres(home, { port, forgetful: true })
  try {
    await migrate(databaseUrl)
    await seed(databaseUrl)
  } catch (error) {
    await child.stop()
    throw error
  }
  const db = createDb(databaseUrl)
  return {
    db,
    databaseUrl,
    goAway: async () => {
      await child.stop()
      return {
        back: async () => {
          ;({ child } = await startPostgres(home, { port, forgetful: true }))
        },
      }
    },
    stop: async () => {
      await db.$disconnect()
      await child.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
