import { z } from 'zod/mini'

const causeSchema = z.object({
  kind: z.string(),
  by: z.optional(z.string()),
  reason: z.optional(z.nullable(z.string())),
  eventIds: z.optional(z.array(z.string())),
  paymentIntentId: z.optional(z.string()),
  from: z.optional(z.string()),
})

/** Describes why a purchase changed. A free order is not refunded, so its text says that access was revoked. */
export const describeCause = (cause: unknown, isFreeOrder: boolean): string => {
  const parsed = causeSchema.safeParse(cause)
  if (!parsed.success) return JSON.stringify(cause)
  const { kind, by, reason, eventIds, paymentIntentId, from } = parsed.data
  const reasonSuffix = reason ? `: ${reason}` : ''
  const descriptions: Record<string, string> = {
    event: `Confirmed by Stripe (${eventIds?.join(', ')})`,
    admin_refund: `${isFreeOrder ? 'Access revoked' : 'Refunded'} by ${by}${reasonSuffix}`,
    payment_accepted: `Accepted by ${by}${reasonSuffix}`,
    user_restarted: 'Buyer restarted checkout',
    deadline: 'Checkout expired; confirmed with Stripe',
    duplicate_payment: `Duplicate payment refunded (${paymentIntentId})`,
    workflow_canceled: 'Workflow canceled',
    access_transferred: `Access transferred from ${from}`,
    access_extended: `Access extended by ${by}`,
    reconcile: 'Found by the reconciler',
    import: `Imported from Stripe by ${by}`,
    erasure: `User data deleted by ${by}`,
  }
  return descriptions[kind] ?? kind
}
