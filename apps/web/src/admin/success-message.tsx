import { type ReactNode, useEffect, useRef } from 'react'

interface SuccessMessageProps {
  children: string | null
  /** A control next to the text, such as "Undo". */
  action?: ReactNode
}

/** Confirms a completed action. It takes the focus, because the control that started the action has been removed. */
export const SuccessMessage = ({ children, action = null }: SuccessMessageProps) => {
  const message = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    if (children !== null) message.current?.focus()
  }, [children])
  return (
    <div className={children === null ? 'visually-hidden' : 'row'}>
      <p ref={message} role="status" tabIndex={-1}>
        {children}
      </p>
      {action}
    </div>
  )
}
