import { migrate } from '@pay-to-view/db/migrate'
import { environments, readEnvironment } from './env.ts'

/** Brings the schema up to date. Any number of processes may do so at once: they take turns. The previous version goes on running. */
export const migrateDatabase = async (): Promise<void> => {
  const { applied } = await migrate(readEnvironment(environments.database).DATABASE_URL)
  for (const name of applied) console.log(`applied  ${name}`)
  console.log(`${applied.length} migration(s) applied.`)
}
