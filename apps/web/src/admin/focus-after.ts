import { type RefObject, useEffect, useRef } from 'react'

/** For a button whose place something takes for a while, such as a form that it opens: it has the focus again afterwards. */
export const useFocusAfter = (away: boolean): RefObject<HTMLButtonElement | null> => {
  const button = useRef<HTMLButtonElement>(null)
  const was = useRef(away)
  useEffect(() => {
    if (was.current && !away) button.current?.focus()
    was.current = away
  }, [away])
  return button
}
