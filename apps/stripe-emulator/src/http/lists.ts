import type { Collection, Identified } from '../store/collection.ts'
import { invalidParam, resourceMissing } from './errors.ts'

export type CreatedFilter =
  | number
  | { gt?: number | undefined; gte?: number | undefined; lt?: number | undefined; lte?: number | undefined }
  | undefined

export interface Query<T> {
  limit: number
  starting_after?: string | undefined
  ending_before?: string | undefined
  created?: CreatedFilter
  /** Restricts the list to objects that have this key in this index. */
  where?: { index: string; key: string } | undefined
  matches?: (item: T) => boolean
}

export const listObject = <T>(data: T[], has_more: boolean, url: string) => ({ object: 'list' as const, url, has_more, data })

const assertOneCursor = ({ starting_after, ending_before }: Pick<Query<never>, 'starting_after' | 'ending_before'>): void => {
  if (starting_after && ending_before)
    throw invalidParam('You may only specify one of these parameters: starting_after, ending_before.', {
      code: 'parameters_exclusive',
      param: 'starting_after',
    })
}

/** Returns one page of a list that is part of an object, in the order of the list. */
export const paginateArray = <T extends Identified>(
  items: T[],
  url: string,
  type: string,
  query: Pick<Query<T>, 'limit' | 'starting_after' | 'ending_before'>,
) => {
  assertOneCursor(query)
  const { limit, starting_after, ending_before } = query
  const param = starting_after ? 'starting_after' : 'ending_before'
  const cursor = starting_after ?? ending_before
  const at = cursor === undefined ? -1 : items.findIndex(({ id }) => id === cursor)
  if (cursor !== undefined && at < 0) throw resourceMissing(type, cursor, param, 400)
  if (ending_before) return listObject(items.slice(Math.max(at - limit, 0), at), at > limit, url)
  return listObject(items.slice(at + 1, at + 1 + limit), items.length > at + 1 + limit, url)
}

/** Returns one page, newest first (Stripe's page "Pagination"). */
export const paginate = <T extends Identified & { created: number }>(
  collection: Collection<T>,
  url: string,
  type: string,
  query: Query<T>,
) => {
  const { limit, starting_after, ending_before, created, where, matches = () => true } = query
  assertOneCursor(query)
  if (starting_after && !collection.get(starting_after)) throw resourceMissing(type, starting_after, 'starting_after', 400)
  if (ending_before && !collection.get(ending_before)) throw resourceMissing(type, ending_before, 'ending_before', 400)
  const [low, high] = bounds(created)
  const data: T[] = []
  let has_more = false
  for (const item of collection.newest(where, { startingAfter: starting_after, endingBefore: ending_before })) {
    // Objects are in order of creation, so no object beyond the bound can match.
    if (ending_before ? item.created > high : item.created < low) break
    if (item.created < low || item.created > high || !matches(item)) continue
    if (data.length === limit) {
      has_more = true
      break
    }
    data.push(item)
  }
  return listObject(ending_before ? data.reverse() : data, has_more, url)
}

const bounds = (created: CreatedFilter): [number, number] => {
  if (typeof created === 'number') return [created, created]
  const { gt = -1, gte = 0, lt = Number.POSITIVE_INFINITY, lte = Number.POSITIVE_INFINITY } = created ?? {}
  return [Math.max(gt + 1, gte), Math.min(lt - 1, lte)]
}

export const where = (index: string, key: string | undefined) => (key === undefined ? undefined : { index, key })
