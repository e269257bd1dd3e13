import DataLoader from 'dataloader'
import { DatabaseUnavailable, type Db } from './client.ts'

const asError = (cause: unknown): Error => (cause instanceof Error ? cause : new Error('Postgres rejected the query', { cause }))

/**
 * Dispatches the batch at the end of this turn of the event loop. An immediate runs after the pending input of all connections has been
 * processed.
 */
const thisTurn = (dispatch: () => void): void => {
  setImmediate(dispatch)
}

/**
 * Combines the keys that all requests load in one turn of the event loop, or within `windowMs`, into one statement of at most
 * `maxBatchSize` keys, because on a busy server, most of a statement's cost is the round trip. `read` returns one result per key, in the
 * order of the keys.
 *
 * Nothing is cached. A key that Postgres rejects fails without affecting the other keys, but a slow key delays the other keys in its batch.
 * See docs/decisions/0013-batched-reads.md.
 */
export const batchLoader = <Key, Result>(
  maxBatchSize: number,
  read: (db: Db, keys: readonly Key[]) => Promise<Result[]>,
  windowMs?: number,
) => {
  const batchScheduleFn = windowMs === undefined ? thisTurn : (dispatch: () => void) => void setTimeout(dispatch, windowMs)
  const loaders = new WeakMap<Db, DataLoader<Key, Result>>()
  const createLoader = (db: Db): DataLoader<Key, Result> => {
    const readOne = async (key: Key): Promise<Result | Error> => {
      const [result] = await read(db, [key])
      return result ?? new Error('The query returned no result for a key')
    }
    const readBatch = async (keys: readonly Key[]): Promise<(Result | Error)[]> => {
      try {
        return await read(db, keys)
      } catch (error) {
        if (keys.length === 1 || error instanceof DatabaseUnavailable) throw error
        return Promise.all(keys.map((key) => readOne(key).catch(asError)))
      }
    }
    return new DataLoader(readBatch, { cache: false, maxBatchSize, batchScheduleFn })
  }
  return (db: Db, key: Key): Promise<Result> => {
    const loader = loaders.get(db) ?? createLoader(db)
    loaders.set(db, loader)
    return loader.load(key)
  }
}
