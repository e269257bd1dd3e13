import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { tell } from '../problem.ts'

/** The page that one is on, as /sign-in takes it. */
export const here = (): string => window.location.pathname + window.location.search

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
        <Link className="button" href={`~/sign-in?next=${encodeURIComponent(here())}`}>
          Sign in
        </Link>
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
    <Link className="button" href={`~/sign-in?next=${encodeURIComponent(here())}`}>
      Sign in
    </Link>
  </Notice>
)
