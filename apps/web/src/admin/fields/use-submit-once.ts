import { useEffect, useRef } from 'react'

/**
 * Blocks the second click of a double click, which comes before the form shows that it is saving. Another submit is allowed after
 * an error, and when `attempt` changes because a dialog was closed.
 */
export const useSubmitOnce = (error: unknown, attempt = 0): ((submit: () => void) => void) => {
  const isSubmitted = useRef(false)
  useEffect(() => {
    if (error) isSubmitted.current = false
  }, [error])
  useEffect(() => {
    isSubmitted.current = false
  }, [attempt])
  return (submit) => {
    if (isSubmitted.current) return
    isSubmitted.current = true
    submit()
  }
}
