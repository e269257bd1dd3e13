import { type Check, error, ok, warning } from './check.ts'

const settingsUrl = 'https://dashboard.stripe.com/settings/managed-payments'

/**
 * No field of Stripe's API has the account's default. A checkout that leaves it open reveals it: with Managed Payments, Stripe rejects an inline
 * price without a tax code, or says in the session that they are on.
 */
export const managedPayments: Check = {
  name: 'managed payments',
  run: async ({ stripe, account, prices, run }) => {
    const price = prices?.[0] ?? { amount: 1_000, currency: account?.default_currency ?? 'usd' }
    const undecided = await stripe.probeCheckout({ ...price, key: `${run} managed payments` })
    const isOn = undecided.accepted ? undecided.managedPayments : /managed payments/i.test(undecided.message)
    if (isOn)
      return [
        warning(
          `they are on by default for this account: Stripe is the merchant of record of checkouts that do not say otherwise. pay-to-view turns them off for its own; for others: ${settingsUrl}`,
        ),
      ]
    if (!undecided.accepted)
      return [error(`Stripe rejects a checkout of ${price.amount} ${price.currency}: ${undecided.message}`)]
    return [ok('they are off by default')]
  },
}
