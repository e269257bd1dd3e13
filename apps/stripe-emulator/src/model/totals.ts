import type { Account } from '../account.ts'
import type { BuyerLocation, LineItem, LineTax, Session, SessionDetails } from '../store/objects.ts'
import { discountAmounts } from './discounts.ts'
import { managedTax } from './managed-payments.ts'
import { automaticTax } from './tax.ts'

const sum = (amounts: number[]): number => amounts.reduce((total, amount) => total + amount, 0)

/** Calculates every amount of an open session from its prices, its discount and the buyer's location. */
export const recalculate = (account: Account, session: Session, changed: Partial<SessionDetails> = {}): Session => {
  const stored = account.store.sessionDetails.get(session.id)
  if (!stored) return session
  const details = { ...stored, ...changed }
  const { line_items, discount = null, location } = details
  const discounts = discountAmounts(account, line_items, discount)
  const taxes: Record<string, LineTax> = {}
  const lines = line_items.map((line, i): LineItem => {
    const discounted = { ...line, amount_discount: discounts[i] ?? 0 }
    const tax = location && taxOf(account, session, discounted, location)
    if (tax) taxes[line.id] = tax
    return {
      ...discounted,
      amount_tax: tax?.amount ?? 0,
      amount_total: discounted.amount_subtotal - discounted.amount_discount + (tax && !tax.rate.inclusive ? tax.amount : 0),
    }
  })
  account.store.sessionDetails.put({ ...details, line_items: lines, taxes })
  const { automatic_tax } = session
  return account.store.sessions.put({
    ...session,
    amount_subtotal: sum(lines.map(({ amount_subtotal }) => amount_subtotal)),
    amount_total: sum(lines.map(({ amount_total }) => amount_total)),
    total_details: {
      amount_discount: sum(lines.map(({ amount_discount }) => amount_discount)),
      amount_shipping: 0,
      amount_tax: sum(lines.map(({ amount_tax }) => amount_tax)),
    },
    discounts: discount
      ? [{ coupon: discount.promotion_code === null ? discount.source.coupon : null, promotion_code: discount.promotion_code }]
      : [],
    ...(automatic_tax.enabled && {
      automatic_tax: { ...automatic_tax, status: location ? 'complete' : 'requires_location_inputs' },
    }),
  })
}

const taxOf = (account: Account, session: Session, line: LineItem, location: BuyerLocation): LineTax | undefined => {
  if (session.managed_payments?.enabled) return managedTax(line, location)
  return session.automatic_tax.enabled ? automaticTax(account, line, location) : undefined
}

/** Returns `total_details.breakdown`, which Stripe includes only if it is expanded. */
export const breakdownOf = ({ discount, line_items, taxes = {} }: SessionDetails) => ({
  discounts: discount ? [{ amount: sum(line_items.map(({ amount_discount }) => amount_discount)), discount }] : [],
  taxes: Object.values(
    Object.values(taxes).reduce<Record<string, LineTax>>((byRate, tax) => {
      const before = byRate[tax.rate.id]
      byRate[tax.rate.id] = before
        ? {
            ...before,
            amount: before.amount + tax.amount,
            taxable_amount: (before.taxable_amount ?? 0) + (tax.taxable_amount ?? 0),
          }
        : tax
      return byRate
    }, {}),
  ),
})
