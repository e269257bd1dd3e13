import { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const variable = 'TEST_RUN_FOLDER'

/** The folder of this test run, which its test files share. */
export const testRunFolder = (): string => {
  const folder = process.env[variable]
  if (!folder) throw new Error(`${variable} is not set: expected the global setup in vitest.config.ts to set it`)
  return folder
}

const failuresFile = (folder: string) => path.join(folder, 'failures.log')

/** Fails the test run. For what a worker finds when its last test file has ended: Vitest ignores what is thrown there. */
export const failTestRun = (reason: string): void => appendFileSync(failuresFile(testRunFolder()), `${reason}\n`)

/** Vitest's global setup: creates the folder before the first test file and removes it after the last. */
export default () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-tests-'))
  // Other users may enter it: Postgres runs as another user where we are root.
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
