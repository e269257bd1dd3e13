export type Identified = { id: string }

/** A collection without its item type, as the store uses it. */
export interface AnyCollection {
  readonly name: string
  get(id: string): Identified | undefined
  set(id: string, item: Identified | undefined): void
  remove(id: string): void
  values(): Iterable<Identified>
}

/** Called by `put` and `remove`. The store uses `before` to roll back, and writes `after` to the journal. */
export type OnChange = (id: string, before: Identified | undefined, after: Identified | undefined) => void

type Index<T> = { key: (item: T) => string | null | undefined; members: Map<string, number[]> }

export interface Range {
  startingAfter?: string | undefined
  endingBefore?: string | undefined
  limit?: number
}

/**
 * Objects of one kind by id, in order of creation, with indexes. A list filtered by an index reads only the matching objects. An object's
 * position is its rank in order of creation; each index contains positions in ascending order.
 */
export class Collection<T extends Identified> {
  readonly name: string
  #byId = new Map<string, { item: T; position: number }>()
  #ids: (string | undefined)[] = []
  #indexes = new Map<string, Index<T>>()
  #onChange: OnChange

  constructor(name: string, onChange: OnChange, indexes: Record<string, Index<T>['key']> = {}) {
    this.name = name
    this.#onChange = onChange
    for (const [index, key] of Object.entries(indexes)) this.#indexes.set(index, { key, members: new Map() })
  }

  get size(): number {
    return this.#byId.size
  }

  get(id: string): T | undefined {
    return this.#byId.get(id)?.item
  }

  put(item: T): T {
    this.#onChange(item.id, this.get(item.id), item)
    this.set(item.id, item)
    return item
  }

  remove(id: string): void {
    this.#onChange(id, this.get(id), undefined)
    this.set(id, undefined)
  }

  /** Sets or removes an object without notifying the store, for loading and rollback. */
  set(id: string, next: T | undefined): void {
    const existing = this.#byId.get(id)
    const position = existing?.position ?? this.#ids.length
    for (const index of this.#indexes.values()) {
      const before = existing && index.key(existing.item)
      const after = next && index.key(next)
      if (before === after) continue
      if (before) removeSorted(index.members, before, position)
      if (after) insertSorted(index.members, after, position)
    }
    if (next) {
      if (!existing) this.#ids.push(id)
      this.#byId.set(id, { item: next, position })
    } else if (existing) {
      this.#ids[position] = undefined
      this.#byId.delete(id)
    }
  }

  *values(): Generator<T> {
    for (const { item } of this.#byId.values()) yield item
  }

  /** Yields the objects, newest first. */
  *newest(where?: { index: string; key: string }, range: Range = {}): Generator<T> {
    const positions = where ? (this.#indexes.get(where.index)?.members.get(where.key) ?? []) : undefined
    const length = positions?.length ?? this.#ids.length
    const cursor = range.startingAfter ?? range.endingBefore
    const at = cursor === undefined ? undefined : this.#byId.get(cursor)?.position
    const rank = at === undefined ? undefined : positions ? lowerBound(positions, at) : at
    const backwards = range.endingBefore !== undefined
    const isIndexed = rank !== undefined && (positions ? positions[rank] === at : true)
    let i = backwards ? (rank ?? -1) + (isIndexed ? 1 : 0) : (rank ?? length) - 1
    let remaining = range.limit ?? Number.POSITIVE_INFINITY
    for (; remaining > 0 && (backwards ? i < length : i >= 0); i += backwards ? 1 : -1) {
      const id = this.#ids[positions ? (positions[i] ?? -1) : i]
      const item = id === undefined ? undefined : this.get(id)
      if (!item) continue
      remaining--
      yield item
    }
  }

  count(where: { index: string; key: string }): number {
    return this.#indexes.get(where.index)?.members.get(where.key)?.length ?? 0
  }
}

/** Returns the index of the first element in an ascending list that is not less than `value`. */
const lowerBound = (list: number[], value: number): number => {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((list[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}

const insertSorted = (members: Map<string, number[]>, key: string, position: number) => {
  const list = members.get(key)
  if (!list) members.set(key, [position])
  else if ((list.at(-1) ?? -1) < position) list.push(position)
  else list.splice(lowerBound(list, position), 0, position)
}

const removeSorted = (members: Map<string, number[]>, key: string, position: number) => {
  const list = members.get(key)
  if (!list) return
  const at = lowerBound(list, position)
  if (list[at] === position) list.splice(at, 1)
  if (list.length === 0) members.delete(key)
}
