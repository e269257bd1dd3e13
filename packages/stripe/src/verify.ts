import Stripe from 'stripe'
import { z } from 'zod'

// Any API key will do, because verifying a signature uses neither the API key nor a connection.
const { signature: verifier } = new Stripe('sk_test_unused').webhooks
if (!verifier) throw new Error('stripe-node has no signature verifier')

const toleranceSeconds = 300

/** stripe-node rejects only old signatures, but a signature from the future could be replayed for a long time. */
const isFuture = (signature: string): boolean => {
  const signedAt = signature.split(',').findLast((part) => part.startsWith('t='))
  return Number(signedAt?.slice(2)) > Date.now() / 1000 + toleranceSeconds
}

/** Whether one of the secrets signed a webhook's raw body within the tolerance. Several secrets allow rotation. Source: Stripe's "Verify webhook signatures". */
export const isSigned = (rawBody: Buffer, signature: string | undefined, secrets: readonly string[]): boolean => {
  if (!signature) return false
  return secrets.some((secret) => {
    try {
      verifier.verifyHeader(rawBody, signature, secret, toleranceSeconds)
      return !isFuture(signature)
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false
      throw error
    }
  })
}

const eventFields = z.looseObject({ id: z.string().min(1).max(255), type: z.string().min(1).max(255) })

const isEvent = (value: unknown): value is Stripe.Event => eventFields.safeParse(value).success

/**
 * Returns the event in a webhook's raw body, or null if the body contains none. Ingestion checks the other fields, depending on the type.
 * stripe-node's constructEvent is not used, because it rejects thin events (`v2.core.event`), which have to be acknowledged and ignored.
 */
export const parseWebhookEvent = (rawBody: Buffer): Stripe.Event | null => {
  try {
    const value: unknown = JSON.parse(rawBody.toString())
    return isEvent(value) ? value : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
