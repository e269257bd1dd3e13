import type { Outputs } from '@pay-to-view/client'
import { formatAccessLength, formatMoney } from '../../format.ts'

type Product = Outputs['admin']['products']['get']

/** The prices and the length of access of a product: `$4.99, €4.50 · 30-day rental`. */
export const offerTerms = ({ prices, accessDurationDays, rental }: Product): string => {
  const access =
    rental === null
      ? formatAccessLength(accessDurationDays)
      : `start within ${rental.startWithinDays} days, watch for ${rental.watchWithinHours} hours`
  return `${prices.map(({ amount, currency }) => formatMoney(amount, currency)).join(', ')} · ${access}`
}
