import { closeSync, createReadStream, existsSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'

/** One change: collection, id, the object as it is now or null when it was removed. */
export type Change = [collection: string, id: string, after: unknown]

/**
 * A file of JSON lines; a line is one transaction, so a kill at any moment leaves whole transactions (a torn last line is left
 * out). Written with one write(2): what was answered is with the kernel and survives kill -9, though not a power cut.
 */
export class Journal {
  #file: number

  private constructor(file: number) {
    this.#file = file
  }

  /** Reads what is there through `apply`, then rewrites it as the `snapshot` of what is alive and goes on from there. */
  static async open(path: string, apply: (change: Change) => void, snapshot: () => Iterable<Change>): Promise<Journal> {
    mkdirSync(dirname(path), { recursive: true })
    if (existsSync(path)) {
      let torn: unknown
      for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
        if (torn) throw new Error(`${path} is damaged in the middle`, { cause: torn })
        try {
          const changes: Change[] = JSON.parse(line)
          for (const change of changes) apply(change)
        } catch (error) {
          torn = error
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
