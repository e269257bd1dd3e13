/**
 * Runs each callback when the emulator's clock reaches its time, with a single timer for all callbacks. The callbacks are in a binary heap,
 * with the earliest callback first.
 */
export class Scheduler {
  #heap: { at: number; run: () => void }[] = []
  #timer: NodeJS.Timeout | undefined
  #closed = false
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** `at` is a time on the emulator's clock, in milliseconds. */
  schedule(at: number, run: () => void): void {
    const heap = this.#heap
    let i = heap.push({ at, run }) - 1
    for (let up = (i - 1) >> 1; i > 0 && this.#at(up) > at; i = up, up = (i - 1) >> 1) this.#swap(i, up)
    if (i === 0) this.#startTimer()
  }

  /** Runs all callbacks that are due, earliest first. Called by the timer, and after the clock has been advanced. */
  runDue(): void {
    while (this.#heap.length > 0 && this.#at(0) <= this.#nowMs()) this.#pop()?.run()
    this.#startTimer()
  }

  clear(): void {
    this.#heap = []
    clearTimeout(this.#timer)
  }

  close(): void {
    this.#closed = true
    this.clear()
  }

  #startTimer(): void {
    clearTimeout(this.#timer)
    if (this.#closed || this.#heap.length === 0) return
    // At least 5 ms, so that a frozen clock does not cause a busy loop. At most an hour, which is below setTimeout's limit.
    const delayMs = Math.min(Math.max(this.#at(0) - this.#nowMs(), 5), 3_600_000)
    this.#timer = setTimeout(() => this.runDue(), delayMs)
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
