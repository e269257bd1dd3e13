import { isLivemode } from '@pay-to-view/stripe'
import { type Check, warning } from './check.ts'

/** No field of Stripe's API says whether receipts are sent. */
export const receipts: Check = {
  name: 'receipts',
  run: async ({ secretKey }) => [
    warning(
      `Stripe's API does not say whether receipts are sent. Check "Successful payments" and "Refunds": https://dashboard.stripe.com/settings/emails${
        isLivemode(secretKey) ? '' : '. In test mode, Stripe sends none'
      }`,
    ),
  ],
}
