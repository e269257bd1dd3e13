import { closeSync, createReadStream, existsSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'

/** One change: the collection, the id, and the new object, or null if the object was removed. */
export type Change = [collection: string, id: string, after: unknown]

/**
 * A file with one JSON line per transaction. A kill never leaves half a transaction, because an incomplete last line is ignored. Lines are
 * written before the response is sent, but not synced to disk, so they survive kill -9 but not a power failure.
 */
export class Journal {
  #file: number

  private constructor(file: number) {
    this.#file = file
  }

  /** Replays an existing file through `apply`, and then replaces the file's content with `snapshot`. Later changes are appended. */
  static async open(path: string, apply: (change: Change) => void, snapshot: () => Iterable<Change>): Promise<Journal> {
    mkdirSync(dirname(path), { recursive: true })
    if (existsSync(path)) {
      let lineError: unknown
      for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
        if (lineError) throw new Error(`${path} is corrupt: a line before the last one cannot be read`, { cause: lineError })
        try {
          const changes: Change[] = JSON.parse(line)
          for (const change of changes) apply(change)
        } catch (error) {
          lineError = error
        }
      }
    }
    const next = `${path}.next`
    const file = openSync(next, 'w', 0o600)
    for (const change of snapshot()) writeSync(file, `${JSON.stringify([change])}\n`)
    fsyncSync(file)
    renameSync(next, path)
    return new Journal(file)
  }

  append(changes: Change[]): void {
    const line = Buffer.from(`${JSON.stringify(changes)}\n`)
    for (let written = 0; written < line.length; ) written += writeSync(this.#file, line, written)
  }

  close(): void {
    closeSync(this.#file)
  }
}
