import { rmSync } from 'node:fs'
import type { Home } from './home.ts'
import { claim } from './run-file.ts'

/** Deletes the data of a stack that is not running; what a killed one has left running is stopped first. Downloaded programs stay. */
export const reset = async (home: Home) => {
  const run = await claim(home, console.error)
  try {
    const { postgres, temporalDb, emulatorData, web, issuerKey, playbackKey, secrets, logs, stackFile } = home
    const journals = [`${temporalDb}-shm`, `${temporalDb}-wal`]
    const keys = [issuerKey, playbackKey, secrets]
    for (const data of [postgres, temporalDb, ...journals, emulatorData, web, ...keys, logs, stackFile])
      rmSync(data, { recursive: true, force: true })
  } finally {
    run.release()
  }
}
