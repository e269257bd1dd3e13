import type { Outputs } from '@pay-to-view/client'
import { formatAccessTerms, formatMoney } from '../../format.ts'

type Product = Outputs['admin']['products']['get']

/** A product's prices and length of access: `$4.99, €4.50 · Access for 30 days`. */
export const offerTerms = ({ prices, ...terms }: Product): string =>
  `${prices.map(({ amount, currency }) => formatMoney(amount, currency)).join(', ')} · ${formatAccessTerms(terms)}`
