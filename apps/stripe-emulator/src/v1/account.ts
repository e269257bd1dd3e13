import { ACCOUNT_ID } from '../account.ts'
import { route } from '../http/route.ts'

/** Used by `stripe.accounts.retrieveCurrent()` and Stripe's CLI. */
export const accounts = [
  route('GET', '/v1/account', {}, () => ({
    id: ACCOUNT_ID,
    object: 'account',
    business_profile: { name: 'Pay to View (emulated)' },
    business_type: 'company',
    charges_enabled: true,
    country: 'US',
    created: 1_577_836_800,
    default_currency: 'usd',
    details_submitted: true,
    email: 'owner@example.com',
    payouts_enabled: true,
    settings: { dashboard: { display_name: 'Pay to View (emulated)', timezone: 'Etc/UTC' } },
    type: 'standard',
  })),
]
