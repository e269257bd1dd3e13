import { UnreadableFile } from '@pay-to-view/catalog-import'
import { closeDb, createDb, type Db } from '@pay-to-view/db'
import { environments, readEnvironment } from './env.ts'

/**
 * Runs an import with a database and prints its summary. Returns the exit code: 1 if a row failed, or if the file cannot be read
 * completely, in which case nothing is imported.
 */
export const runFileImport = async (run: (db: Db) => Promise<{ failed: number; summary: string }>): Promise<number> => {
  const { DATABASE_URL } = readEnvironment(environments.database)
  const db = createDb(DATABASE_URL, { connections: 2, statementTimeoutMs: 60_000 })
  try {
    const { failed, summary } = await run(db)
    console.log(summary)
    return failed === 0 ? 0 : 1
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error
    console.error(`line ${error.line}: ${error.message}`)
    console.error('Nothing was imported.')
    return 1
  } finally {
    await closeDb(db)
  }
}
