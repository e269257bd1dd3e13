import { isLivemode } from '@pay-to-view/stripe'
import { type Check, error, ok, type Preflight, type Result, warning } from './check.ts'

const accountResults = ({ account }: Preflight): Result[] => {
  if (account === null)
    return [
      warning('the account cannot be read. Give the key the permission to read accounts, or use a secret key for the preflight'),
    ]
  const { id, country, default_currency, charges_enabled, payouts_enabled } = account
  return [
    charges_enabled
      ? ok(`account ${id} (${country}, ${default_currency}) can take payments`)
      : error(`account ${id} cannot take payments yet. Complete its activation: https://dashboard.stripe.com/account/onboarding`),
    ...(payouts_enabled
      ? []
      : [warning('payouts are not enabled. Add a bank account: https://dashboard.stripe.com/settings/payouts')]),
  ]
}

export const key: Check = {
  name: 'key',
  run: async (preflight) => {
    const { secretKey, apiBase } = preflight
    const kind = secretKey.startsWith('rk_') ? 'restricted key' : 'secret key'
    const mode = isLivemode(secretKey)
      ? ok(`live mode, ${kind}`)
      : warning(`test mode, ${kind}: no real money moves. To go live, set STRIPE_SECRET_KEY to a live key`)
    const base =
      apiBase === undefined ? [] : [warning(`requests go to ${apiBase} instead of Stripe. To go live, unset STRIPE_API_BASE`)]
    return [mode, ...base, ...accountResults(preflight)]
  },
}
