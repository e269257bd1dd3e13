import type { EntityType } from '@pay-to-view/purchase'

/** What is attached to a checkout session and its payment intent: the integration guide's keys. */
export type PurchaseMetadata = {
  payToViewPurchaseId: string
  payToViewProductId: string
  userId: string
  entityType: `${EntityType}`
  entityId: string
}

/** The key under which a refund carries the id of the request of ours that made it. */
export const refundRequestKey = 'payToViewRequestId'

/** The id of our purchase that an object's metadata names, or null. */
export const purchaseIdIn = (metadata: Record<string, string> | null | undefined): string | null =>
  metadata?.payToViewPurchaseId ?? null
