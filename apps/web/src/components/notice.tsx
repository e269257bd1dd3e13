import { type ReactNode, type RefObject, useEffect, useRef } from 'react'
import { Link } from 'wouter'
import { userMessageFor } from '../user-message.ts'
import { SignInLink } from './sign-in-link.tsx'

interface NoticeProps {
  title: string
  children: ReactNode
  tone?: 'info' | 'good' | 'bad'
  /** Whether the element that this notice replaces had the focus. If so, the heading gets the focus. */
  hadFocus?: RefObject<boolean>
}

export const Notice = ({ title, children, tone = 'info', hadFocus }: NoticeProps) => {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (!hadFocus?.current) return
    hadFocus.current = false
    heading.current?.focus()
  }, [hadFocus])
  return (
    <div className={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <h2 ref={heading} tabIndex={hadFocus && -1}>
        {title}
      </h2>
      {children}
    </div>
  )
}

/** Shows an error with a next step: sign in, try again (if retrying may help), or `fallbackAction`. */
export const ErrorNotice = ({
  error,
  retry,
  fallbackAction = (
    <Link className="button" href="~/">
      Browse films
    </Link>
  ),
}: {
  error: unknown
  retry: () => void
  fallbackAction?: ReactNode
}) => {
  const message = userMessageFor(error)
  return (
    <Notice title={message.title} tone="bad">
      <p>{message.detail}</p>
      {message.needsSignIn ? (
        <SignInLink>Sign in</SignInLink>
      ) : message.isRetryable ? (
        <button type="button" onClick={retry}>
          Try again
        </button>
      ) : (
        fallbackAction
      )}
    </Notice>
  )
}

/** An error on one line, for forms and dialogs. */
export const ErrorText = ({ error }: { error: unknown }) => {
  const { title, detail } = userMessageFor(error)
  return (
    <p role="alert" className="error-text">
      {title}. {detail}
    </p>
  )
}

export const Loading = ({ label = 'Loading…' }: { label?: string }) => (
  <p className="loading" role="status">
    <span className="spinner" aria-hidden="true" /> {label}
  </p>
)

export const SignedOutNotice = () => (
  <Notice title="You're signed out">
    <SignInLink>Sign in</SignInLink>
  </Notice>
)
