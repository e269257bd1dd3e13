import { rmSync } from 'node:fs'
import type { DataFolder } from './data-folder.ts'
import { acquireRunFile } from './run-file.ts'

/** Deletes the data of a stack that is not running. Stops processes that a killed stack left running. */
export const reset = async (dataFolder: DataFolder) => {
  const runFile = await acquireRunFile(dataFolder, console.error)
  try {
    const { postgres, temporalDb, emulatorData, web, issuerKey, playbackKey, secrets, logs, stackFile } = dataFolder
    const sqliteFiles = [temporalDb, `${temporalDb}-shm`, `${temporalDb}-wal`]
    for (const data of [postgres, ...sqliteFiles, emulatorData, web, issuerKey, playbackKey, secrets, logs, stackFile])
      rmSync(data, { recursive: true, force: true })
  } finally {
    runFile.release()
  }
}
