import type { Outputs } from '@pay-to-view/client'
import type { ReactNode } from 'react'
import { formatAccessLength, formatMoney, formatTimestamp } from '../format.ts'

/** Amounts, product and times of a purchase. */
export const PurchaseFields = ({ purchase }: { purchase: Outputs['admin']['purchases']['get'] }) => {
  const paidCurrency = purchase.currencyPaid ?? purchase.currency
  return (
    <dl className="fields">
      <Field name="Quoted">{formatMoney(purchase.amount, purchase.currency)}</Field>
      <Field name="Paid">{formatMoney(purchase.amountPaid, paidCurrency)}</Field>
      <Field name="Refunded">{formatMoney(purchase.amountRefunded, paidCurrency)}</Field>
      {purchase.disputes.map(({ id, amount, status }) => (
        <Field key={id} name="Disputed">
          {formatMoney(amount, paidCurrency)} <small>{status.replaceAll('_', ' ')}</small>
        </Field>
      ))}
      <Field name="Product">
        {purchase.productName} <small>{formatAccessLength(purchase.accessDurationDays)}</small>
      </Field>
      <Field name="Created">{formatTimestamp(purchase.createdAt)}</Field>
      {purchase.status === 'Pending' && !purchase.processing && (
        <Field name="Checkout expires">{formatTimestamp(purchase.checkoutDeadline)}</Field>
      )}
      {purchase.completedAt && <Field name="Paid on">{formatTimestamp(purchase.completedAt)}</Field>}
      {purchase.hasAccess && purchase.expiresAt && <Field name="Access until">{formatTimestamp(purchase.expiresAt)}</Field>}
      {purchase.externalTransactionId && (
        <Field name="Payment intent">
          <code>{purchase.externalTransactionId}</code>
        </Field>
      )}
    </dl>
  )
}

const Field = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)
