import { useEffect, useRef } from 'react'

/**
 * Returns a function to call with the form on each submit. When `rejection` changes after a submit, the first invalid field
 * gets the focus, so screen readers announce its error.
 */
export const useInvalidFocus = (rejection: unknown): ((form: HTMLFormElement) => void) => {
  const submitted = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (!rejection) return
    submitted.current?.querySelector<HTMLElement>(':is(input, select, textarea)[aria-invalid="true"]')?.focus()
  }, [rejection])
  return (form) => {
    submitted.current = form
  }
}
