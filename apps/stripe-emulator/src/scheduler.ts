/** Rings for each entry once the clock has reached it; one timer for all of them. A binary heap, earliest first. */
export class Alarm {
  #heap: { at: number; ring: () => void }[] = []
  #timer: NodeJS.Timeout | undefined
  #closed = false
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** `at` in milliseconds of the given clock. */
  set(at: number, ring: () => void): void {
    const heap = this.#heap
    let i = heap.push({ at, ring }) - 1
    for (let up = (i - 1) >> 1; i > 0 && this.#at(up) > at; i = up, up = (i - 1) >> 1) this.#swap(i, up)
    if (i === 0) this.#arm()
  }

  /** Rings for all that are due, the earliest first; called by the timer and whenever the clock was moved. */
  check(): void {
    while (this.#heap.length > 0 && this.#at(0) <= this.#now()) this.#pop()?.ring()
    this.#arm()
  }

  clear(): void {
    this.#heap = []
    clearTimeout(this.#timer)
  }

  close(): void {
    this.#closed = true
    this.clear()
  }

  #arm(): void {
    clearTimeout(this.#timer)
    if (this.#closed || this.#heap.length === 0) return
    // At least 5 ms, so that a clock that stands still is not asked in a tight loop; at most an hour, below setTimeout's limit.
    const wait = Math.min(Math.max(this.#at(0) - this.#now(), 5), 3_600_000)
    this.#timer = setTimeout(() => this.check(), wait)
    this.#timer.unref()
  }

  #pop() {
    const heap = this.#heap
    this.#swap(0, heap.length - 1)
    const first = heap.pop()
    for (let i = 0, down = 1; down < heap.length; i = down, down = 2 * i + 1) {
      if (this.#at(down + 1) < this.#at(down)) down++
      if (this.#at(i) <= this.#at(down)) break
      this.#swap(i, down)
    }
    return first
  }

  #at(i: number): number {
    return this.#heap[i]?.at ?? Number.POSITIVE_INFINITY
  }

  #swap(i: number, j: number): void {
    const [a, b] = [this.#heap[i], this.#heap[j]]
    if (!a || !b) return
    this.#heap[i] = b
    this.#heap[j] = a
  }
}
