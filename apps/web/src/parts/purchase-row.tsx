import type { ReactNode } from 'react'
import { money } from '../format.ts'

/** A purchase in a list, the buyer's or the operator's: what it is, the money, and how it stands. */
export const PurchaseRow = ({
  purchase: { amount, amountPaid, amountRefunded, currency, currencyPaid },
  title,
  under,
  children,
}: {
  purchase: { amount: number; amountPaid: number; amountRefunded: number; currency: string; currencyPaid: string | null }
  title: ReactNode
  under: ReactNode
  children: ReactNode
}) => (
  <li>
    <div>
      <bdi>{title}</bdi>
      <small>{under}</small>
    </div>
    <div className="sum">
      {currencyPaid === null ? money(amount, currency) : money(amountPaid, currencyPaid)}
      {amountRefunded > 0 && <small>{money(amountRefunded, currencyPaid ?? currency)} refunded</small>}
    </div>
    <div>{children}</div>
  </li>
)
