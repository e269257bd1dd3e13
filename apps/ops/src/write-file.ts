import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Writes text to stdout or to a file. The file does not appear until it has been written completely. */
export const writeText = async (path: string | undefined, text: AsyncIterable<string>): Promise<void> => {
  const stream = Readable.from(text, { objectMode: false, encoding: 'utf8' })
  if (path === undefined) return await pipeline(stream, process.stdout, { end: false })
  const partial = `${path}.partial`
  try {
    await pipeline(stream, createWriteStream(partial))
    await rename(partial, path)
  } finally {
    await rm(partial, { force: true })
  }
}
