'use client'

import { useEffect, useState } from 'react'

/** Whole units that are left, each below the next larger one. */
export interface Countdown {
  days: number
  hours: number
  minutes: number
  seconds: number
  /** All of them in milliseconds, rounded up to a second. */
  totalMs: number
}

const second = 1_000

/** The time left until `to`; null once it has come. Rounded up, so that the countdown never ends too early. */
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

/**
 * Counts down to a time, once per second. Returns null when it has come, and without a time. It uses the clock of the browser, so open the page by
 * `useAccess`, which follows the server's.
 */
export const useCountdown = (to: string | null): Countdown | null => {
  const [now, setNow] = useState(() => Date.now())
  const isOver = to === null || Date.parse(to) <= now
  useEffect(() => {
    if (isOver) return
    // Aligned with the end, so that the last second is a whole one.
    const tick = () => {
      setNow(Date.now())
      timer = setTimeout(tick, untilNextSecond())
    }
    const untilNextSecond = () => (((Date.parse(to) - Date.now()) % second) + second) % second || second
    let timer = setTimeout(tick, untilNextSecond())
    return () => clearTimeout(timer)
  }, [to, isOver])
  return to === null ? null : timeUntil(to, now)
}
