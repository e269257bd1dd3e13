import type Stripe from 'stripe'
import { accountCalls } from './account.ts'
import { balanceCalls } from './balance.ts'
import { checkoutSessionCalls } from './checkout-sessions.ts'
import { customerCalls } from './customers.ts'
import { disputeEvidenceCalls } from './dispute-evidence.ts'
import { disputeCalls } from './disputes.ts'
import { eventCalls } from './events.ts'
import { paymentIntentCalls } from './payment-intents.ts'
import { permissionCalls } from './permissions.ts'
import { promotionCodeAdminCalls } from './promotion-code-admin.ts'
import { promotionCodeCalls } from './promotion-codes.ts'
import { recipientCalls } from './recipients.ts'
import { refundCalls } from './refunds.ts'
import { salesHistoryCalls } from './sales-history.ts'
import { userDataCalls } from './user-data.ts'

/**
 * Every call that pay-to-view makes to Stripe. Each write carries an idempotency key. Errors are stripe-node's: `isDefiniteRejection`
 * distinguishes rejections from failures that can be retried.
 */
export const createGateway = (stripe: Stripe) => ({
  ...customerCalls(stripe),
  ...checkoutSessionCalls(stripe),
  ...paymentIntentCalls(stripe),
  ...promotionCodeCalls(stripe),
  ...promotionCodeAdminCalls(stripe),
  ...recipientCalls(stripe),
  ...refundCalls(stripe),
  ...disputeCalls(stripe),
  ...disputeEvidenceCalls(stripe),
  ...salesHistoryCalls(stripe),
  ...eventCalls(stripe),
  ...userDataCalls(stripe),
  ...balanceCalls(stripe),
  ...accountCalls(stripe),
  ...permissionCalls(stripe),
})

export type StripeGateway = ReturnType<typeof createGateway>
