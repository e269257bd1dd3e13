import type { EntityTypeNumber } from '@pay-to-view/purchase'

/** The metadata of a checkout session and its payment intent. All keys except the last are defined by the integration guide. */
export type PurchaseMetadata = {
  payToViewPurchaseId: string
  payToViewProductId: string
  userId: string
  entityType: `${EntityTypeNumber}`
  entityId: string
  /** The site that created the object, if several sites share one Stripe account (SITE_ID). */
  payToViewSite?: string
}

/** The key for the id of our refund request in a refund's metadata. */
export const refundRequestKey = 'payToViewRequestId'

type Metadata = Record<string, string> | null | undefined

/** The purchase id in the metadata of a Stripe object, or null. */
export const purchaseIdIn = (metadata: Metadata): string | null => metadata?.payToViewPurchaseId ?? null

/** The site in the metadata of a Stripe object; null for objects of sites without a SITE_ID. */
export const siteIn = (metadata: Metadata): string | null => metadata?.payToViewSite ?? null

/** Whether a Stripe object that is in our database belongs to another site. An object without a site is ours. */
export const isOtherSite = (site: string | null, ownSite: string | undefined): boolean =>
  site !== null && ownSite !== undefined && site !== ownSite

/**
 * Whether a Stripe object that is not in our database belongs to another site. If we have no SITE_ID, any object that names a site belongs
 * to another site.
 */
export const isForeignSite = (site: string | null, ownSite: string | undefined): boolean => site !== null && site !== ownSite
