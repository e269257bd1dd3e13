import type { Collection, Identified } from '../store/collection.ts'
import { invalidParam, missing } from './errors.ts'

export type CreatedFilter =
  | number
  | { gt?: number | undefined; gte?: number | undefined; lt?: number | undefined; lte?: number | undefined }
  | undefined

export interface Query<T> {
  limit: number
  starting_after?: string | undefined
  ending_before?: string | undefined
  created?: CreatedFilter
  /** Read only this index's members. */
  where?: { index: string; key: string } | undefined
  matches?: (item: T) => boolean
}

export const listOf = <T>(data: T[], has_more: boolean, url: string) => ({ object: 'list' as const, url, has_more, data })

/** Newest first, a page at a time (Stripe's page "Pagination"). */
export const page = <T extends Identified & { created: number }>(
  collection: Collection<T>,
  url: string,
  kind: string,
  query: Query<T>,
) => {
  const { limit, starting_after, ending_before, created, where, matches = () => true } = query
  if (starting_after && ending_before)
    throw invalidParam('You may only specify one of these parameters: starting_after, ending_before.', {
      code: 'parameters_exclusive',
      param: 'starting_after',
    })
  if (starting_after && !collection.get(starting_after)) throw missing(kind, starting_after, 'starting_after', 400)
  if (ending_before && !collection.get(ending_before)) throw missing(kind, ending_before, 'ending_before', 400)
  const [low, high] = bounds(created)
  const data: T[] = []
  let has_more = false
  for (const item of collection.newest(where, { startingAfter: starting_after, endingBefore: ending_before })) {
    // Objects come in order of creation, so beyond the bound there is nothing more.
    if (ending_before ? item.created > high : item.created < low) break
    if (item.created < low || item.created > high || !matches(item)) continue
    if (data.length === limit) {
      has_more = true
      break
    }
    data.push(item)
  }
  return listOf(ending_before ? data.reverse() : data, has_more, url)
}

const bounds = (created: CreatedFilter): [number, number] => {
  if (typeof created === 'number') return [created, created]
  const { gt = -1, gte = 0, lt = Number.POSITIVE_INFINITY, lte = Number.POSITIVE_INFINITY } = created ?? {}
  return [Math.max(gt + 1, gte), Math.min(lt - 1, lte)]
}

export const where = (index: string, key: string | undefined) => (key === undefined ? undefined : { index, key })
