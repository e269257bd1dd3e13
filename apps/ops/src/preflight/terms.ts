import { type Check, ok, warning } from './check.ts'

/**
 * No field of Stripe's API returns the URL of the terms of service. However, Stripe rejects a checkout that collects consent if the URL is
 * not set.
 */
export const terms: Check = {
  name: 'terms',
  run: async ({ stripe, account, prices, run }) => {
    const price = prices?.[0] ?? { amount: 1_000, currency: account?.default_currency ?? 'usd' }
    const probe = await stripe.probeCheckout({ ...price, key: `${run} terms`, managedPayments: false, requiresTerms: true })
    if (probe.accepted) return [ok('the account has a terms of service URL')]
    if (!/terms of service/i.test(probe.message))
      return [warning(`not checked, because Stripe rejects the checkout: ${probe.message}`)]
    return [
      warning(
        'the account has no terms of service URL, so a checkout cannot collect consent to the terms. Set it: https://dashboard.stripe.com/settings/public',
      ),
    ]
  },
}
