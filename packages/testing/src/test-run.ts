import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const variable = 'TEST_RUN_FOLDER'

/** The folder of this test run, which its test files share. */
export const testRunFolder = (): string => {
  const folder = process.env[variable]
  if (!folder) throw new Error(`${variable} is not set: expected the global setup in vitest.config.ts to set it`)
  return folder
}

/** Vitest's global setup: creates the folder before the first test file and removes it after the last. */
export default () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-tests-'))
  // Other users may enter it: Postgres runs as another user where we are root.
  chmodSync(folder, 0o711)
  process.env[variable] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
