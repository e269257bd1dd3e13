import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { decodeUtf8 } from '@pay-to-view/catalog-import'

const hasCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code

/** Yields the text of a UTF-8 file. Throws if the file cannot be read. */
export async function* readTextFile(path: string): AsyncGenerator<string> {
  try {
    if (!(await stat(path)).isFile()) throw new Error('it is not a regular file')
  } catch (error) {
    const cause = hasCode(error, 'ENOENT') ? 'the file does not exist' : error instanceof Error ? error.message : String(error)
    throw new Error(`Cannot read ${path}: ${cause}`)
  }
  yield* decodeUtf8(createReadStream(path))
}
