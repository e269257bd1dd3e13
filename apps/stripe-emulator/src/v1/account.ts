import type Stripe from 'stripe'
import { ACCOUNT_ID, type AccountProfile } from '../account.ts'
import { route } from '../http/route.ts'

const accountOf = (profile: AccountProfile): Stripe.Account => ({
  id: ACCOUNT_ID,
  object: 'account',
  business_profile: {
    mcc: '7841',
    minority_owned_business_designation: null,
    name: profile.business_name,
    product_description: null,
    specified_commercial_transactions_act_url: null,
    support_address: null,
    support_email: profile.support_email,
    support_phone: null,
    support_url: profile.support_url,
    url: profile.business_url,
  },
  business_type: 'company',
  capabilities: { card_payments: 'active', transfers: 'active' },
  charges_enabled: true,
  country: 'US',
  created: 1_577_836_800,
  default_currency: 'usd',
  details_submitted: true,
  email: 'owner@example.com',
  metadata: {},
  payouts_enabled: true,
  settings: {
    branding: { icon: null, logo: null, primary_color: null, secondary_color: null },
    card_payments: {
      decline_on: { avs_failure: false, cvc_failure: true },
      statement_descriptor_prefix: null,
      statement_descriptor_prefix_kana: null,
      statement_descriptor_prefix_kanji: null,
    },
    dashboard: { display_name: profile.business_name, timezone: 'Etc/UTC' },
    payments: {
      statement_descriptor: profile.statement_descriptor,
      statement_descriptor_kana: null,
      statement_descriptor_kanji: null,
      statement_descriptor_prefix_kana: null,
      statement_descriptor_prefix_kanji: null,
    },
  },
  type: 'standard',
})

/** Used by `stripe.accounts.retrieveCurrent()` and Stripe's CLI. */
export const accounts = [route('GET', '/v1/account', {}, (account) => accountOf(account.settings.profile))]
