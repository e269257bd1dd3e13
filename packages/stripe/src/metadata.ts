import type { EntityType } from '@pay-to-view/purchase'

/** The metadata of a checkout session and its payment intent. The keys are those of the integration guide. */
export type PurchaseMetadata = {
  payToViewPurchaseId: string
  payToViewProductId: string
  userId: string
  entityType: `${EntityType}`
  entityId: string
}

/** The metadata key of a refund for the id of our refund request. */
export const refundRequestKey = 'payToViewRequestId'

/** The purchase id in the metadata of a Stripe object, or null. */
export const purchaseIdIn = (metadata: Record<string, string> | null | undefined): string | null =>
  metadata?.payToViewPurchaseId ?? null
