'use client'

import { useEffect, useState } from 'react'
import { type Countdown, timeUntil } from './countdown.ts'

const second = 1_000

/**
 * Returns the time left until `to`, updated once per second. Returns null if the time has passed or `to` is null. The countdown uses the
 * browser's clock; to decide when to open the page, use `useAccess`, which follows the server's clock.
 */
export const useCountdown = (to: string | null): Countdown | null => {
  const [now, setNow] = useState(() => Date.now())
  const isOver = to === null || Date.parse(to) <= now
  useEffect(() => {
    if (isOver) return
    // Ticks are aligned with the end, so the last second lasts a full second.
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
