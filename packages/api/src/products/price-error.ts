import { checkPrice, formatMoney, type Price } from '@pay-to-view/purchase'

/** Returns why Stripe would reject a checkout with this price, or null if it would not. */
export const priceError = (price: Price): { field: 'amount' | 'currency'; message: string } | null => {
  const rejection = checkPrice(price)
  if (rejection === null) return null
  const money = (amount: number): string => formatMoney(amount, price.currency)
  switch (rejection.rejected) {
    case 'unsupported_currency':
      return { field: 'currency', message: 'Expected a currency that Stripe supports, such as usd' }
    case 'below_minimum':
      return { field: 'amount', message: `Expected at least ${money(rejection.minimum)}, Stripe's minimum` }
    case 'above_maximum':
      return { field: 'amount', message: `Expected at most ${money(rejection.maximum)}, Stripe's maximum` }
    case 'not_a_multiple':
      return {
        field: 'amount',
        message: `Expected a multiple of ${money(rejection.step)}, because Stripe accepts no other amounts`,
      }
    default:
      return rejection satisfies never
  }
}
