import { useEffect, useState } from 'react'

/** Returns the value once it has been unchanged for `delayMs`. Typing then sends one request instead of one per keystroke. */
export const useDebounced = <T>(value: T, delayMs = 300): T => {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delayMs)
    return () => clearTimeout(timer)
  }, [value, delayMs])
  return settled
}
