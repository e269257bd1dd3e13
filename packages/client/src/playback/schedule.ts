/** When the next heartbeat is due, and how long failed calls wait. Pure: times are milliseconds since the epoch. */

const second = 1_000

/** The minimum time between two heartbeats, even if the token is about to expire. */
const minimumDelayMs = second

/** Tokens are renewed this long before they expire, or after two thirds of their lifetime if that is later. */
const renewalMarginMs = 30 * second

/** A player that is paused for longer gives up its place: its heartbeats stop. */
export const pauseLimitMs = 120 * second

/** A timer never sleeps longer than this, because timers stop while a computer sleeps. */
export const maxTimerMs = 5 * second

const maxRetryDelayMs = 15 * second

interface Lease {
  heartbeatSeconds: number
  /** When the token expires. */
  expiresAt: string
}

/** The next heartbeat renews the token well before it expires. With a clock that is wrong by more than a lifetime, only the interval counts. */
export const nextHeartbeatAt = ({ heartbeatSeconds, expiresAt }: Lease, now: number): number => {
  const interval = heartbeatSeconds * second
  const lifetime = Date.parse(expiresAt) - now
  if (!(lifetime > 0)) return now + interval
  const renewIn = lifetime - Math.min(renewalMarginMs, lifetime / 3)
  return now + Math.max(minimumDelayMs, Math.min(interval, renewIn))
}

/** Doubles with each failure. `random` is between 0 and 1, so that pages do not all return at the same moment after an outage. */
export const retryDelayMs = (failures: number, random: number): number =>
  Math.min(maxRetryDelayMs, second * 2 ** Math.max(0, failures - 1)) * (0.5 + random / 2)
