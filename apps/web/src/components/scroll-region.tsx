import type { ReactNode } from 'react'

type ScrollRegionProps = { className?: string; children: ReactNode } & (
  | { 'aria-label': string }
  /** The id of the region's heading. */
  | { 'aria-labelledby': string }
)

/** A region that scrolls on its own, such as a wide table. Keyboard users can focus it. */
export const ScrollRegion = ({ className = 'scroll', children, ...label }: ScrollRegionProps) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard.
  <section className={className} tabIndex={0} {...label}>
    {children}
  </section>
)
