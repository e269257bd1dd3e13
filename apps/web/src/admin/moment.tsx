import type { ReactNode } from 'react'
import { stamp } from '../format.ts'

/** One line of a timeline. */
export const Moment = ({ at, title, children }: { at: string; title: string; children?: ReactNode }) => (
  <li>
    <time dateTime={at}>{stamp(at)}</time>
    <div>
      <strong>{title}</strong>
      {children && <small>{children}</small>}
    </div>
  </li>
)
