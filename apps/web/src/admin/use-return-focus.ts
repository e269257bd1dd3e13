import { type RefObject, useEffect, useRef } from 'react'

/** Returns a ref for a button that is temporarily replaced, for example by a form. When the button reappears, it gets the focus. */
export const useReturnFocus = (isReplaced: boolean): RefObject<HTMLButtonElement | null> => {
  const button = useRef<HTMLButtonElement>(null)
  const wasReplaced = useRef(isReplaced)
  useEffect(() => {
    if (wasReplaced.current && !isReplaced) button.current?.focus()
    wasReplaced.current = isReplaced
  }, [isReplaced])
  return button
}
