/**
 * Calculates when the next heartbeat is due and how long to wait before a retry. The functions are pure, and times are in
 * milliseconds since the epoch.
 */

const second = 1_000

/** The minimum time between two heartbeats, even if the token is about to expire. */
const minimumDelayMs = second

/** Tokens are renewed this long before they expire, or after two thirds of their lifetime if that is later. */
const renewalMarginMs = 30 * second

/** A player that is paused for longer than this stops sending heartbeats, so it gives up its place. */
export const pauseLimitMs = 120 * second

/** The maximum delay of a timer. Timers stop while a computer sleeps, so a long timer would fire late. */
export const maxTimerMs = 5 * second

const maxRetryDelayMs = 15 * second

interface Lease {
  heartbeatSeconds: number
  /** When the token expires, in ISO 8601. */
  expiresAt: string
}

/**
 * Returns the time of the next heartbeat. The heartbeat renews the token well before it expires. If the browser's clock is
 * ahead by more than a token's lifetime, only the heartbeat interval is used.
 */
export const nextHeartbeatAt = ({ heartbeatSeconds, expiresAt }: Lease, now: number): number => {
  const interval = heartbeatSeconds * second
  const lifetime = Date.parse(expiresAt) - now
  if (!(lifetime > 0)) return now + interval
  const renewIn = lifetime - Math.min(renewalMarginMs, lifetime / 3)
  return now + Math.max(minimumDelayMs, Math.min(interval, renewIn))
}

/**
 * Returns the delay before a retry, which doubles with each failure. `random` is between 0 and 1 and spreads out the retries of
 * many pages after an outage.
 */
export const retryDelayMs = (failures: number, random: number): number =>
  Math.min(maxRetryDelayMs, second * 2 ** Math.max(0, failures - 1)) * (0.5 + random / 2)
