import { useEffect, useRef } from 'react'

/**
 * Ignores the second click of a double click, which arrives before the form shows that it is saving. Allows another submit
 * after an error, or when `attempt` changes because a dialog was closed.
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
