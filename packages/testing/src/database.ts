import { closeDb, createDb, type Db } from '@pay-to-view/db'
import { createTemporaryDataFolder, removeDataFolder } from '@pay-to-view/devstack'
import { freePort } from '@pay-to-view/devstack/ports'
import { startPostgres } from '@pay-to-view/devstack/postgres'
import { copyDatabase } from './database-template.ts'

export interface Database {
  db: Db
  databaseUrl: string
  /** Stops Postgres. `restart` starts Postgres again with the same data and port. */
  stopServer(): Promise<{ restart(): Promise<void> }>
  stop(): Promise<void>
}

/** Starts a Postgres server with the demo catalog. */
export const startDatabase = async (): Promise<Database> => {
  const dataFolder = createTemporaryDataFolder()
  const port = await freePort()
  const start = () => startPostgres(dataFolder, { port, ephemeral: true })
  await copyDatabase(dataFolder)
  let { child, databaseUrl } = await start()
  const db = createDb(databaseUrl)
  return {
    db,
    databaseUrl,
    stopServer: async () => {
      await child.stop()
      return {
        restart: async () => {
          ;({ child } = await start())
        },
      }
    },
    stop: async () => {
      await closeDb(db)
      await child.stop()
      removeDataFolder(dataFolder)
    },
  }
}
