import { type ReactNode, useEffect, useRef } from 'react'

/** Confirms a completed action. It takes the focus, because the element that started the action is gone. */
export const SuccessMessage = ({ children }: { children: ReactNode }) => {
  const message = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    if (children !== null) message.current?.focus()
  }, [children])
  return (
    <p ref={message} role="status" tabIndex={-1} className={children === null ? 'visually-hidden' : undefined}>
      {children}
    </p>
  )
}
