const [second, minute, hour] = [1_000, 60_000, 3_600_000]

/** The delays before the attempts. Source: Standard Webhooks 1.0. */
export const attemptDelaysMs: readonly number[] = [
  ...[0, 5 * second, 5 * minute, 30 * minute, 2 * hour],
  ...[5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour],
]

/** The maximum delay that an endpoint can request with `Retry-After`; a later attempt would be too late to matter. */
const maxRetryAfterMs = 24 * hour

/** Up to this fraction of a delay is added at random, so attempts for different messages do not coincide. */
const jitter = 0.2

/**
 * Milliseconds until the next attempt after the given number of failed attempts; null if there is no further attempt. `random` is between 0
 * and 1.
 */
export const nextDelayMs = (failedAttempts: number, retryAfterSeconds: number | null, random = Math.random()): number | null => {
  const delay = attemptDelaysMs[failedAttempts]
  if (delay === undefined) return null
  const requested = Math.min((retryAfterSeconds ?? 0) * second, maxRetryAfterMs)
  return Math.round(Math.max(delay, requested) * (1 + jitter * random))
}

/** The delay in seconds from a Retry-After header, which contains seconds or a date; null if there is no valid header. */
export const parseRetryAfter = (header: string | undefined, now = Date.now()): number | null => {
  if (header === undefined) return null
  if (/^\d{1,9}$/.test(header)) return Number(header)
  const time = header.endsWith('GMT') ? Date.parse(header) : Number.NaN
  return Number.isNaN(time) ? null : Math.max(0, Math.ceil((time - now) / 1_000))
}
