import type { ReactNode } from 'react'
import { money } from '../format.ts'

/** A purchase in a list, the buyer's or the operator's: what it is, the money, and how it stands. */
export const PurchaseRow = ({
  purchase: { amount, amountRefunded, currency },
  title,
  under,
  children,
}: {
  purchase: { amount: number; amountRefunded: number; currency: string }
  title: ReactNode
  under: ReactNode
  children: ReactNode
}) => (
  <li>
    <div>
      {title}
      <small>{under}</small>
    </div>
    <div className="sum">
      {money(amount, currency)}
      {amountRefunded > 0 && <small>{money(amountRefunded, currency)} refunded</small>}
    </div>
    <div>{children}</div>
  </li>
)
