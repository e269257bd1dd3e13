import type { ReactNode } from 'react'
import { formatMoney } from '../format.ts'

/** A purchase in the user's or the operator's list: title, amounts and status. */
export const PurchaseRow = ({
  purchase: { amount, amountPaid, amountRefunded, currency, currencyPaid },
  title,
  subtitle,
  children,
}: {
  purchase: { amount: number; amountPaid: number; amountRefunded: number; currency: string; currencyPaid: string | null }
  title: ReactNode
  subtitle: ReactNode
  children: ReactNode
}) => (
  <li>
    <div>
      <bdi>{title}</bdi>
      <small>{subtitle}</small>
    </div>
    <div className="amount">
      {currencyPaid === null ? formatMoney(amount, currency) : formatMoney(amountPaid, currencyPaid)}
      {amountRefunded > 0 && <small>{formatMoney(amountRefunded, currencyPaid ?? currency)} refunded</small>}
    </div>
    <div>{children}</div>
  </li>
)
