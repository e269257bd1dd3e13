import {
  type AccessTerms,
  type AllowedDiscount,
  type EntityType,
  type Facts,
  mergeAll,
  noFacts,
  type Projection,
  type PurchaseTerms,
  project,
  type Snapshot,
  type TaxBehavior,
} from '@pay-to-view/purchase'
import type { Prisma } from '../generated/client.ts'

/** A purchase that is named by Stripe checkout sessions but is missing from the database. */
export interface ImportedPurchase {
  id: string
  userId: string
  entityId: string
  productId: string
  /** The quoted amount in minor units. */
  amount: number
  currency: string
  allowedDiscount: AllowedDiscount
  taxBehavior: TaxBehavior | null
  sessionId: string
  stripeCustomerId: string | null
  /** Builds the checkout request that is stored with the purchase. `current` contains the data that is not in the session. */
  buildCheckoutRequest: (current: {
    productName: string
    taxCode: string | null
    entity: { type: EntityType; title: string }
  }) => Prisma.InputJsonObject
  checkoutDeadline: Date
  createdAt: Date
  isSessionOpen: boolean
  /** Snapshots of the purchase's sessions, payments, refunds and disputes. */
  snapshots: readonly Snapshot[]
}

export interface ProjectedPurchase extends ImportedPurchase {
  terms: AccessTerms
  facts: Facts
  projection: Projection
}

/**
 * Computes the projection of an imported purchase. The access terms come from the product or from the operator's file, because Stripe does
 * not know them.
 */
export const projectImported = (purchase: ImportedPurchase, terms: AccessTerms): ProjectedPurchase => {
  const { accessDurationDays, rental } = terms
  const quote: PurchaseTerms = { ...purchase, accessDurationDays, rental, isRenewal: false }
  const facts = mergeAll(noFacts, purchase.snapshots)
  return { ...purchase, terms, facts, projection: project(facts, quote) }
}
