import type { ReactNode } from 'react'
import { Link } from 'wouter'

const currentPath = (): string => window.location.pathname + window.location.search

/**
 * Links to the sign-in page, which then returns here. `state.from` lets the sign-in page go back in the history instead of adding
 * this page again.
 */
export const SignInLink = ({ children, className = 'button' }: { children: ReactNode; className?: string }) => (
  <Link className={className} href={`~/sign-in?next=${encodeURIComponent(currentPath())}`} state={{ from: currentPath() }}>
    {children}
  </Link>
)
