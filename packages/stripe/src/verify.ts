import Stripe from 'stripe'

// Verifying a signature needs neither a key nor a connection.
const { signature: verifier } = new Stripe('sk_test_unused').webhooks
if (!verifier) throw new Error('stripe-node has no signature verifier')

const toleranceSeconds = 300

/** stripe-node rejects only old signatures; one from the future could be replayed indefinitely. */
const isFuture = (signature: string): boolean => {
  const signedAt = signature.split(',').findLast((part) => part.startsWith('t='))
  return Number(signedAt?.slice(2)) > Date.now() / 1000 + toleranceSeconds
}

/**
 * Returns the event in a webhook's raw body, or null unless one of the secrets signed it within the tolerance. Several secrets allow rotation.
 * The body is parsed here because stripe-node's constructEvent rejects thin events (`v2.core.event`), which are to be acknowledged and ignored.
 * Source: Stripe's "Verify webhook signatures".
 */
export const verifyWebhook = (
  rawBody: Buffer,
  signature: string | undefined,
  secrets: readonly string[],
): Stripe.Event | null => {
  if (!signature) return null
  for (const secret of secrets) {
    try {
      verifier.verifyHeader(rawBody, signature, secret, toleranceSeconds)
      return isFuture(signature) ? null : JSON.parse(rawBody.toString())
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError) && !(error instanceof SyntaxError)) throw error
    }
  }
  return null
}
