import { useEffect, useState } from 'react'

/** Returns the value after it has not changed for `delayMs`, so that typing sends one request instead of one per keystroke. */
export const useDebounced = <T>(value: T, delayMs = 300): T => {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delayMs)
    return () => clearTimeout(timer)
  }, [value, delayMs])
  return settled
}
