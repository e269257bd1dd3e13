import Stripe from 'stripe'

// Checking a signature needs no key and no connection.
const { webhooks } = new Stripe('sk_test_unused')

/**
 * The event in a webhook's raw body, or null when no secret signed it or it was signed more than 300 seconds ago. Several secrets allow
 * rotation: each is tried. Source: Stripe's "Verify webhook signatures".
 */
export const verifyWebhook = (
  rawBody: Buffer,
  signature: string | undefined,
  secrets: readonly string[],
): Stripe.Event | null => {
  if (!signature) return null
  for (const secret of secrets) {
    try {
      return webhooks.constructEvent(rawBody, signature, secret)
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError) && !(error instanceof SyntaxError)) throw error
    }
  }
  return null
}
