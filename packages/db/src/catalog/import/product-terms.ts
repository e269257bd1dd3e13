import { countOf, type Rental } from '@pay-to-view/purchase'
import type { ProductPrice } from '../product-fields.ts'

/** The terms of a product in an import. */
export interface ProductTerms {
  prices: readonly ProductPrice[]
  accessDurationDays: number | null
  rental: Rental | null
}

const byCurrency = (a: ProductPrice, b: ProductPrice): number => (a.currency < b.currency ? -1 : 1)

export const sortPrices = (prices: readonly ProductPrice[]): ProductPrice[] =>
  prices.map(({ currency, amount }) => ({ currency, amount })).sort(byCurrency)

/** Returns a key that is the same for equal terms. The order of the prices does not matter, because a CSV file cannot express it. */
export const keyOfTerms = ({ prices, accessDurationDays, rental }: ProductTerms): string =>
  JSON.stringify([sortPrices(prices), accessDurationDays, rental?.startWithinDays, rental?.watchWithinHours])

/** Returns the name for a product that an import creates. Buyers see the name next to the price. */
export const nameOfTerms = ({ accessDurationDays, rental }: ProductTerms): string => {
  if (rental) return `Rental, ${countOf(rental.watchWithinHours, 'hour')}`
  return accessDurationDays === null ? 'Permanent access' : `Access for ${countOf(accessDurationDays, 'day')}`
}
