import type { Outputs } from '@pay-to-view/client'
import { formatAccessTerms, formatMoney } from '../../format.ts'

type Product = Outputs['admin']['products']['get']

/** The prices and the length of access of a product: `$4.99, €4.50 · Access for 30 days`. */
export const offerTerms = ({ prices, ...terms }: Product): string =>
  `${prices.map(({ amount, currency }) => formatMoney(amount, currency)).join(', ')} · ${formatAccessTerms(terms)}`
