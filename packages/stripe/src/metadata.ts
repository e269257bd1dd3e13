import type { EntityTypeNumber } from '@pay-to-view/purchase'

/** The metadata of a checkout session and its payment intent. All keys but the last are those of the integration guide. */
export type PurchaseMetadata = {
  payToViewPurchaseId: string
  payToViewProductId: string
  userId: string
  entityType: `${EntityTypeNumber}`
  entityId: string
  /** The site that created it, where several share one Stripe account (SITE_ID). */
  payToViewSite?: string
}

/** The metadata key of a refund for the id of our refund request. */
export const refundRequestKey = 'payToViewRequestId'

type Metadata = Record<string, string> | null | undefined

/** The purchase id in the metadata of a Stripe object, or null. */
export const purchaseIdIn = (metadata: Metadata): string | null => metadata?.payToViewPurchaseId ?? null

/** The site in the metadata of a Stripe object; null for objects of sites without a SITE_ID. */
export const siteIn = (metadata: Metadata): string | null => metadata?.payToViewSite ?? null

/** Whether a Stripe object that our database knows belongs to another site. One without a site is ours. */
export const isOtherSite = (site: string | null, ownSite: string | undefined): boolean =>
  site !== null && ownSite !== undefined && site !== ownSite

/** The same for an object that our database does not know: if we have no SITE_ID, an object that names a site belongs to another site. */
export const isForeignSite = (site: string | null, ownSite: string | undefined): boolean => site !== null && site !== ownSite
