import type { ReactNode } from 'react'
import { formatTimestamp } from '../format.ts'

export const TimelineItem = ({ at, title, children }: { at: string; title: string; children?: ReactNode }) => (
  <li>
    <time dateTime={at}>{formatTimestamp(at)}</time>
    <div>
      <strong>{title}</strong>
      {children && <small>{children}</small>}
    </div>
  </li>
)
