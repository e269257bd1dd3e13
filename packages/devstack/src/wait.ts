import { setTimeout as sleep } from 'node:timers/promises'

export type WaitOptions = { timeoutMs: number; intervalMs?: number; signal?: AbortSignal }

/**
 * Calls `probe` until it returns a truthy value, and returns this value. If the probe throws, it is called again; the last error becomes
 * the cause of the timeout error.
 */
export const waitFor = async <T>(
  what: string,
  probe: () => T | Promise<T>,
  { timeoutMs, intervalMs = 50, signal }: WaitOptions,
) => {
  const deadline = performance.now() + timeoutMs
  let lastError: unknown
  for (;;) {
    signal?.throwIfAborted()
    try {
      const result = await probe()
      if (result) return result
    } catch (error) {
      lastError = error
    }
    if (performance.now() > deadline)
      throw new Error(`Timed out after ${timeoutMs / 1000} s waiting for ${what}`, { cause: lastError })
    await sleep(intervalMs, undefined, { signal })
  }
}

/** Returns whether a GET request gets a 2xx status. */
export const respondsOk = async (url: string) => (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok
