/** The remaining time in whole units: 90 seconds is 1 minute and 30 seconds. */
export interface Countdown {
  days: number
  hours: number
  minutes: number
  seconds: number
  /** The remaining time in milliseconds, rounded up to a whole second. */
  totalMs: number
}

const second = 1_000

/** The time left until `to`, rounded up so the countdown never ends too early. Null if the time has passed. */
export const timeUntil = (to: string | Date, now: number): Countdown | null => {
  const total = Math.ceil((new Date(to).getTime() - now) / second)
  if (!(total > 0)) return null
  return {
    days: Math.floor(total / 86_400),
    hours: Math.floor(total / 3_600) % 24,
    minutes: Math.floor(total / 60) % 60,
    seconds: total % 60,
    totalMs: total * second,
  }
}
