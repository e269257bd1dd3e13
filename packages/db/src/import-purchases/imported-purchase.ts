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

/** A purchase that Stripe's checkout sessions name but that is missing from the database. */
export interface ImportedPurchase {
  id: string
  userId: string
  entityId: string
  productId: string
  /** The quote, in minor units. */
  amount: number
  currency: string
  allowedDiscount: AllowedDiscount
  taxBehavior: TaxBehavior | null
  sessionId: string
  stripeCustomerId: string | null
  /** Builds the request that the purchase stores; `current` has the data that is not in the session. */
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

/** Stripe does not know the terms of access: they come from the product, or from the operator's file. */
export const projectImported = (purchase: ImportedPurchase, terms: AccessTerms): ProjectedPurchase => {
  const { accessDurationDays, rental } = terms
  const quote: PurchaseTerms = { ...purchase, accessDurationDays, rental, isRenewal: false }
  const facts = mergeAll(noFacts, purchase.snapshots)
  return { ...purchase, terms, facts, projection: project(facts, quote) }
}
