import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

const temporary = (file: string) => `${file}.${process.pid}.tmp`

/** Replaces a file atomically, so that readers see either the old or the new content. */
export const replaceFile = (file: string, content: string) => {
  writeFileSync(temporary(file), content, { mode: 0o600 })
  renameSync(temporary(file), file)
}

/** Creates a file with its content atomically. Returns false if the file exists. */
export const createFile = (file: string, content: string) => {
  writeFileSync(temporary(file), content, { mode: 0o600 })
  try {
    linkSync(temporary(file), file)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  } finally {
    rmSync(temporary(file), { force: true })
  }
}

export const readIfExists = (file: string) => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

export const hasCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code
