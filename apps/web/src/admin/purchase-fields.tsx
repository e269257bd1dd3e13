import type { Outputs } from '@pay-to-view/client'
import { isFreeOrder, priceParts } from '@pay-to-view/react'
import type { ReactNode } from 'react'
import { InvoiceLinks } from '../components/invoice-links.tsx'
import { formatAccessTerms, formatCount, formatMoney, formatTimestamp } from '../format.ts'
import { formatTotal, priceLines } from '../money/price-lines.ts'

const regionNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' })

/** Stripe may return a country code for which the browser has no name. */
const countryName = (code: string): string => {
  try {
    return regionNames.of(code) ?? code
  } catch {
    return code
  }
}

type Purchase = Outputs['admin']['purchases']['get']

/** A purchase's amounts, product and times. */
export const PurchaseFields = ({ purchase }: { purchase: Purchase }) => {
  const paidCurrency = purchase.currencyPaid ?? purchase.currency
  const parts = priceParts(purchase)
  return (
    <dl className="fields">
      <Field name="Quoted">{formatMoney(purchase.amount, purchase.currency)}</Field>
      {priceLines(purchase).map(([name, amount]) => (
        <Field key={name} name={name}>
          {amount}
        </Field>
      ))}
      <Field name="Paid">{parts === null ? 'Not paid' : formatTotal(parts)}</Field>
      {purchase.amountRefunded > 0 && <Field name="Refunded">{formatMoney(purchase.amountRefunded, paidCurrency)}</Field>}
      {purchase.disputes.map(({ id, amount, status }) => (
        <Field key={id} name="Disputed">
          {formatMoney(amount, paidCurrency)} <small>{status.replaceAll('_', ' ')}</small>
        </Field>
      ))}
      <Field name="Product">
        {purchase.productName} <small>{accessTermsOf(purchase)}</small>
      </Field>
      {parts === null && purchase.promotionCode !== null && <Field name="Promotion code">{purchase.promotionCode}</Field>}
      {purchase.country !== null && <Field name="Country">{countryName(purchase.country)}</Field>}
      {purchase.invoiceUrl !== null && (
        <Field name="Invoice">
          {purchase.invoiceNumber} <InvoiceLinks page={purchase.invoiceUrl} pdf={purchase.invoicePdfUrl} />
        </Field>
      )}
      <Field name="Created">{formatTimestamp(purchase.createdAt)}</Field>
      {purchase.status === 'Pending' && !purchase.processing && (
        <Field name="Checkout expires">{formatTimestamp(purchase.checkoutDeadline)}</Field>
      )}
      {purchase.completedAt && (
        <Field name={isFreeOrder(purchase) ? 'Completed on' : 'Paid on'}>{formatTimestamp(purchase.completedAt)}</Field>
      )}
      {purchase.externalTransactionId && (
        <Field name="Payment intent">
          <code>{purchase.externalTransactionId}</code>
        </Field>
      )}
    </dl>
  )
}

const accessTermsOf = ({ rental, accessDurationDays }: Purchase): string =>
  rental ? `Rental, ${formatCount(rental.watchWithinHours, 'hour')} to watch` : formatAccessTerms({ accessDurationDays, rental })

const Field = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)
