const [minute, hour] = [60_000, 3_600_000]

/**
 * The delays before the attempts, two and a half days in total. Mail servers that reject new senders for a few minutes accept the second or
 * third attempt.
 */
const attemptDelaysMs: readonly number[] = [
  0,
  minute,
  5 * minute,
  15 * minute,
  hour,
  3 * hour,
  8 * hour,
  12 * hour,
  12 * hour,
  24 * hour,
]

/** Up to this fraction of a delay is added at random, so attempts for different e-mails do not coincide. */
const jitter = 0.2

/** Milliseconds until the next attempt after the given number of failed attempts; null if there is no further attempt. */
export const nextMailDelayMs = (failedAttempts: number, random = Math.random()): number | null => {
  const delay = attemptDelaysMs[failedAttempts]
  return delay === undefined ? null : Math.round(delay * (1 + jitter * random))
}
