import Stripe from 'stripe'
import { isMissing } from '../client.ts'

/**
 * The permission that a restricted key lacks, such as `rak_checkout_session_write`, if this is why Stripe rejected a request; null for any
 * other error. Stripe's message also contains the masked key, so the message is not passed on.
 */
export const missingPermission = (error: unknown): string | null =>
  error instanceof Stripe.errors.StripePermissionError ? (/rak_\w+/.exec(error.message)?.[0] ?? 'a permission') : null

/** The id of a nonexistent object. Updating it changes nothing, but Stripe checks the permission first. */
const missingId = (prefix: string): string => `${prefix}_payToViewPreflight`

const page = { limit: 1 }

type Probe = (stripe: Stripe, options: { idempotencyKey: string }) => Promise<unknown>

/** A harmless request for each permission, by its name in Stripe's dashboard. */
const probes = {
  'Checkout Sessions write': (stripe, options) =>
    stripe.checkout.sessions.update(missingId('cs_test'), { metadata: {} }, options),
  'Customers write': (stripe, options) => stripe.customers.update(missingId('cus'), { metadata: {} }, options),
  'PaymentIntents read': (stripe) => stripe.paymentIntents.list(page),
  'PaymentIntents write': (stripe, options) => stripe.paymentIntents.update(missingId('pi'), { metadata: {} }, options),
  'Charges and Refunds write': (stripe, options) => stripe.refunds.update(missingId('re'), { metadata: {} }, options),
  'Disputes write': (stripe, options) => stripe.disputes.update(missingId('du'), { metadata: {}, submit: false }, options),
  'Events read': (stripe) => stripe.events.list(page),
  'Promotion Codes read': (stripe) => stripe.promotionCodes.list(page),
  'Promotion Codes write': (stripe, options) => stripe.promotionCodes.update(missingId('promo'), { metadata: {} }, options),
  'Coupons read': (stripe) => stripe.coupons.list(page),
  'Coupons write': (stripe, options) => stripe.coupons.update(missingId('coupon'), { metadata: {} }, options),
  'Invoices read': (stripe) => stripe.invoices.list(page),
  'Balance Transaction Sources read': (stripe) => stripe.balanceTransactions.list(page),
  'Payouts read': (stripe) => stripe.payouts.list(page),
  'Webhook Endpoints read': (stripe) => stripe.webhookEndpoints.list(page),
  'Webhook Endpoints write': (stripe, options) => stripe.webhookEndpoints.update(missingId('we'), { metadata: {} }, options),
} satisfies Record<string, Probe>

export type PermissionName = keyof typeof probes

export const permissionCalls = (stripe: Stripe) => ({
  /**
   * Whether the key has a permission. `run` makes the probe's idempotency key unique, because Stripe would otherwise replay an earlier
   * response.
   */
  hasPermission: async (name: PermissionName, run: string): Promise<boolean> => {
    const probe: Probe = probes[name]
    try {
      await probe(stripe, { idempotencyKey: `pay-to-view-preflight-${run}-${name.replaceAll(' ', '-')}` })
      return true
    } catch (error) {
      if (missingPermission(error) !== null) return false
      if (isMissing(error)) return true
      throw error
    }
  },
})
