import { type Check, error, ok, warning } from './check.ts'

/**
 * The currencies that Stripe can charge depend on the account's country. For each currency, this check creates a checkout with the
 * catalog's lowest price in this currency.
 */
export const currencies: Check = {
  name: 'currencies',
  run: async ({ stripe, prices, run }) => {
    if (prices === null)
      return [warning('not checked: set DATABASE_URL to check the lowest price in each currency of the catalog')]
    if (prices.length === 0) return [warning('not checked: the catalog has no active products')]
    const results = []
    for (const { currency, amount } of prices) {
      const probe = await stripe.probeCheckout({ currency, amount, key: `${run} ${currency}`, managedPayments: false })
      results.push(
        probe.accepted
          ? ok(`${currency}: Stripe accepts a checkout of ${amount}, the lowest price in minor units`)
          : error(
              `${currency}: Stripe rejects a checkout of ${amount}, the lowest price in minor units: ${probe.message} Change the price`,
            ),
      )
    }
    return results
  },
}
