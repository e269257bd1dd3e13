import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { tell } from '../problem.ts'
import { SignInLink } from './sign-in-link.tsx'

export const Notice = ({
  title,
  children,
  tone = 'info',
}: {
  title: string
  children: ReactNode
  tone?: 'info' | 'good' | 'bad'
}) => (
  <div className={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
    <h2>{title}</h2>
    {children}
  </div>
)

/** An error, in words, with a way on: another try where one may help, else what `onward` shows. */
export const Failure = ({
  error,
  retry,
  onward = (
    <Link className="button" href="~/">
      See what is showing
    </Link>
  ),
}: {
  error: unknown
  retry: () => void
  onward?: ReactNode
}) => {
  const told = tell(error)
  return (
    <Notice title={told.title} tone="bad">
      <p>{told.detail}</p>
      {told.signIn ? (
        <SignInLink>Sign in</SignInLink>
      ) : told.retry ? (
        <button type="button" onClick={retry}>
          Try again
        </button>
      ) : (
        onward
      )}
    </Notice>
  )
}

export const Waiting = ({ what }: { what: string }) => (
  <p className="waiting" role="status">
    <span className="reel" aria-hidden="true" /> {what}
  </p>
)

export const SignedOut = () => (
  <Notice title="You are signed out">
    <SignInLink>Sign in</SignInLink>
  </Notice>
)
