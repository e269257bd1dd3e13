import type { ReactNode } from 'react'
import { Link } from 'wouter'

const currentPath = (): string => window.location.pathname + window.location.search

/**
 * Links to the sign-in page, which returns to the current page. With `state.from`, the sign-in page goes back in the history
 * instead of adding this page again.
 */
export const SignInLink = ({ children, className = 'button' }: { children: ReactNode; className?: string }) => (
  <Link className={className} href={`~/sign-in?next=${encodeURIComponent(currentPath())}`} state={{ from: currentPath() }}>
    {children}
  </Link>
)
