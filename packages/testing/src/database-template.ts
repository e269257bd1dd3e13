import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { migrate } from '@pay-to-view/db/migrate'
import { type DataFolder, openDataFolder } from '@pay-to-view/devstack'
import { hasCode } from '@pay-to-view/devstack/files'
import { freePort } from '@pay-to-view/devstack/ports'
import { startPostgres } from '@pay-to-view/devstack/postgres'
import { localSecrets } from '@pay-to-view/devstack/secrets'
import { seed } from '@pay-to-view/devstack/seed'
import { execa } from 'execa'
import { testRunFolder } from './test-run.ts'

/** Creates the data folder of a stopped Postgres with the schema and the demo catalog, for all tests of this run. */
const createTemplate = async (target: string) => {
  const unfinished = mkdtempSync(path.join(path.dirname(target), 'unfinished-'))
  chmodSync(unfinished, 0o711)
  const dataFolder = openDataFolder(unfinished)
  const { child, databaseUrl } = await startPostgres(dataFolder, { port: await freePort(), ephemeral: true })
  try {
    await migrate(databaseUrl)
    await seed(databaseUrl)
  } finally {
    await child.stop()
  }
  try {
    renameSync(unfinished, target)
  } catch (error) {
    // Another test file may have created the template in the meantime.
    if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error
    rmSync(unfinished, { recursive: true })
  }
}

/** Copies a database into a new data folder, because initdb and the migrations take seconds. The first caller in a test run creates the database. */
export const copyDatabase = async (dataFolder: DataFolder): Promise<void> => {
  const folder = path.join(testRunFolder(), 'database')
  if (!existsSync(folder)) await createTemplate(folder)
  const template = openDataFolder(folder)
  // The owner is preserved, because Postgres runs as another user if the tests run as root.
  await execa('cp', ['-Rp', template.postgres, dataFolder.postgres])
  const { postgresPassword } = localSecrets(template)
  writeFileSync(dataFolder.secrets, JSON.stringify({ ...localSecrets(dataFolder), postgresPassword }))
}
