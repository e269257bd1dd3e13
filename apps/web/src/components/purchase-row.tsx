import type { PurchaseItem } from '@pay-to-view/react'
import type { ReactNode } from 'react'
import { formatMoney } from '../format.ts'
import { formatAmount } from '../money/price-lines.ts'

/** A purchase in a user's or an operator's list: title, amounts and status. */
export const PurchaseRow = ({
  purchase,
  title,
  subtitle,
  children,
}: {
  purchase: PurchaseItem
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
      <span>{formatAmount(purchase)}</span>
      {purchase.amountRefunded > 0 && (
        <small>{formatMoney(purchase.amountRefunded, purchase.currencyPaid ?? purchase.currency)} refunded</small>
      )}
      {purchase.promotionCode !== null && (
        <small>
          Code <bdi>{purchase.promotionCode}</bdi>
        </small>
      )}
    </div>
    <div>{children}</div>
  </li>
)
