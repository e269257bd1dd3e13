import { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const variable = 'TEST_RUN_FOLDER'

/** Returns the folder of this test run, which all test files share. */
export const testRunFolder = (): string => {
  const folder = process.env[variable]
  if (!folder) throw new Error(`${variable} is not set: expected the global setup in vitest.config.ts to set it`)
  return folder
}

const failuresFile = (folder: string) => path.join(folder, 'failures.log')

/** Makes the test run fail because of a problem that a worker finds after its last test file. Vitest ignores errors that are thrown at that time. */
export const failTestRun = (reason: string): void => appendFileSync(failuresFile(testRunFolder()), `${reason}\n`)

/** Vitest's global setup. Creates the folder before the first test file and removes it after the last test file. */
export default () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-tests-'))
  // Other users may enter the folder, because Postgres runs as another user if the tests run as root.
  chmodSync(folder, 0o711)
  process.env[variable] = folder
  return () => {
    if (existsSync(failuresFile(folder))) {
      console.error(readFileSync(failuresFile(folder), 'utf8'))
      process.exitCode = 1
    }
    rmSync(folder, { recursive: true, force: true })
  }
}
