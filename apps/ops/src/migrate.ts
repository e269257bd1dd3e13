import { migrate } from '@pay-to-view/db/migrate'
import { countOf } from '@pay-to-view/purchase'
import { environments, readEnvironment } from './env.ts'

/**
 * Applies the pending migrations. Safe to run in several processes at the same time, and while servers and workers of the previous version
 * are running.
 */
export const migrateDatabase = async (): Promise<void> => {
  const { applied } = await migrate(readEnvironment(environments.database).DATABASE_URL)
  for (const name of applied) console.log(`applied  ${name}`)
  console.log(`${countOf(applied.length, 'migration')} applied.`)
}
