import { type Check, error, ok, warning } from './check.ts'

const settingsUrl = 'https://dashboard.stripe.com/settings/managed-payments'

/**
 * No field of Stripe's API says whether Managed Payments are on by default, so this check creates a checkout that turns them neither on nor
 * off. If they are on, Stripe either rejects the inline price, which has no tax code, or returns a session that uses Managed Payments.
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
          `Managed Payments are on by default for this account: Stripe is the merchant of record unless a checkout turns them off. pay-to-view turns them off. If you create other checkouts, check the setting: ${settingsUrl}`,
        ),
      ]
    if (!undecided.accepted)
      return [error(`Stripe rejects a checkout of ${price.amount} ${price.currency}: ${undecided.message}`)]
    return [ok('Managed Payments are off by default')]
  },
}
