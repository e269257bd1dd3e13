import { useEffect, useRef } from 'react'

/** Blocks the second click of a double click, which comes before the form shows that it is saving. An error allows the next attempt. */
export const useSubmitOnce = (error: unknown): ((submit: () => void) => void) => {
  const isSubmitted = useRef(false)
  useEffect(() => {
    if (error) isSubmitted.current = false
  }, [error])
  return (submit) => {
    if (isSubmitted.current) return
    isSubmitted.current = true
    submit()
  }
}
