import { isLivemode } from '@pay-to-view/stripe'
import { type Check, warning } from './check.ts'

/** No field of Stripe's API tells whether receipts are sent. */
export const receipts: Check = {
  name: 'receipts',
  run: async ({ secretKey }) => [
    warning(
      `Stripe's API does not tell whether receipts are sent. Check "Successful payments" and "Refunds": https://dashboard.stripe.com/settings/emails${
        isLivemode(secretKey) ? '' : '. In test mode, Stripe sends none'
      }`,
    ),
  ],
}
