import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { type CatalogFormat, decodeUtf8, detectFormat, type ParsedRow, parseCatalog } from '@pay-to-view/catalog-import'

const detectionBytes = 8_192

const hasCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code

const openFile = async (path: string): Promise<FileHandle> => {
  try {
    return await open(path)
  } catch (error) {
    const cause = hasCode(error, 'ENOENT') ? 'the file does not exist' : error instanceof Error ? error.message : String(error)
    throw new Error(`Cannot read ${path}: ${cause}`)
  }
}

/** Detects the format from the content. Throws if the file cannot be read. */
export const formatOf = async (path: string): Promise<CatalogFormat> => {
  const file = await openFile(path)
  try {
    // The path must refer to a regular file, because the file is read three times.
    if (!(await file.stat()).isFile())
      throw new Error(`Cannot read ${path}: it is not a regular file. Write its contents to a file first`)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(detectionBytes), 0, detectionBytes, 0)
    return detectFormat(buffer.toString('utf8', 0, bytesRead))
  } finally {
    await file.close()
  }
}

/** Reads a file from the beginning, with bounded memory usage. */
export const readRows = (path: string, format: CatalogFormat): AsyncGenerator<ParsedRow> =>
  parseCatalog(decodeUtf8(createReadStream(path)), format)
