import type { ReactNode } from 'react'
import { Link } from 'wouter'

/** The page that one is on, as /sign-in takes it. */
const here = (): string => window.location.pathname + window.location.search

/** To the sign-in, and from there back to this page: it says where it is left from, so that it is not in the history twice. */
export const SignInLink = ({ children, className = 'button' }: { children: ReactNode; className?: string }) => (
  <Link className={className} href={`~/sign-in?next=${encodeURIComponent(here())}`} state={{ from: here() }}>
    {children}
  </Link>
)
