import { type ReactNode, useEffect, useRef } from 'react'

/** What was done: it is told, and takes the focus that what did it has lost. */
export const Done = ({ children }: { children: ReactNode }) => {
  const told = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    if (children !== null) told.current?.focus()
  }, [children])
  return (
    <p ref={told} role="status" tabIndex={-1} className={children === null ? 'unseen' : 'done'}>
      {children}
    </p>
  )
}
