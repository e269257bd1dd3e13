import type { AppRouter } from '@pay-to-view/api'
import type { inferRouterOutputs } from '@trpc/server'

/** The purchase, as in the user's purchase history. */
type PurchaseData = inferRouterOutputs<AppRouter>['purchases']['list']['items'][number] & {
  userId: string
  /** Of two messages about the same purchase, the one with the higher version is newer. */
  version: number
}

type RefundData = PurchaseData & {
  /** The new or changed refund. `amount` is in minor units. */
  refund: {
    refundId: string
    amount: number
    currency: string
    status: 'pending' | 'requires_action' | 'succeeded' | 'canceled' | 'failed'
    requestId: string | null
    createdAt: string
  }
}

interface AccessData {
  userId: string
  /** Of two messages about the same grant, the one with the higher version is newer. */
  version: number
  entityId: string
  /** Whether the user has access to the entity now, from this or any other grant. */
  hasAccess: boolean
  startsAt: string
  /** When the access from this grant ends, or when the grant was revoked; null for permanent access. */
  expiresAt: string | null
  source: 'purchase' | 'complimentary' | 'import'
  purchaseId: string | null
  grantId: string
}

interface Message<Type extends string, Data> {
  type: Type
  /** When the change was made, in ISO 8601. Every delivery attempt has the same timestamp. */
  timestamp: string
  data: Data
}

/** A message to a webhook endpoint, discriminated by `type`. Later versions may add types, so ignore unknown types. */
export type WebhookMessage =
  | Message<'purchase.completed', PurchaseData>
  | Message<'purchase.expired', PurchaseData>
  | Message<'purchase.failed', PurchaseData>
  | Message<'purchase.refunded', PurchaseData>
  | Message<'purchase.disputed', PurchaseData>
  | Message<'purchase.dispute_closed', PurchaseData>
  | Message<'refund.updated', RefundData>
  | Message<'access.granted', AccessData>
  | Message<'access.changed', AccessData>
  | Message<'access.revoked', AccessData>
  | Message<'test', { endpointId: string; version: number }>
