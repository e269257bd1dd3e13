import {
  decideAccess,
  decideRefund,
  type EntitlementContext,
  type Facts,
  mergeAll,
  noFacts,
  type Projection,
  type PurchaseTerms,
  project,
  type Snapshot,
} from '../../src/index.ts'

interface ModelPurchase {
  quote: PurchaseTerms
  facts: Facts
  ownGrant: EntitlementContext['ownGrant']
}

/** A model of one user's purchases. It applies facts by the same rules as packages/db, but without a database. */
export class PurchasesModel {
  readonly purchases = new Map<string, ModelPurchase>()
  /** The requested refunds of duplicates, by payment id. */
  readonly refundRequests = new Map<string, { purchase: string; amount: number }>()
  /** The purchases that have an alert for the operator, because they were restored while another purchase gave the same access. */
  readonly alerted = new Set<string>()
  readonly #covers: (granted: string, entity: string) => boolean

  constructor(quotes: Record<string, PurchaseTerms>, covers: (granted: string, entity: string) => boolean) {
    this.#covers = covers
    for (const [id, quote] of Object.entries(quotes)) this.purchases.set(id, { quote, facts: noFacts, ownGrant: 'none' })
  }

  project(id: string): Projection {
    const purchase = this.#get(id)
    return project(purchase.facts, purchase.quote)
  }

  hasAccess(entity: string): boolean {
    return [...this.purchases.values()].some(
      ({ ownGrant, quote }) => ownGrant === 'granted' && this.#covers(quote.entityId, entity),
    )
  }

  apply(id: string, snapshots: readonly Snapshot[]): void {
    const purchase = this.#get(id)
    purchase.facts = mergeAll(purchase.facts, snapshots)
    const projection = this.project(id)
    const before = purchase.ownGrant
    const isCoveredByOthers = [...this.purchases].some(
      ([other, { ownGrant, quote }]) =>
        other !== id && ownGrant === 'granted' && this.#covers(quote.entityId, purchase.quote.entityId),
    )
    const decision = decideAccess(projection, { ownGrant: before, isExpired: false, isCoveredByOthers })
    const duplicates = decision === 'refund_duplicate' && projection.payment ? [projection.payment] : []
    for (const payment of [...duplicates, ...projection.duplicates]) {
      const refund = decideRefund(purchase.facts, payment, undefined)
      if ('amount' in refund && !this.refundRequests.has(payment.id))
        this.refundRequests.set(payment.id, { purchase: id, amount: refund.amount })
    }
    if (decision === 'grant') purchase.ownGrant = 'granted'
    if (decision === 'grant' && before === 'ended' && isCoveredByOthers) this.alerted.add(id)
    if (decision === 'revoke' && before === 'granted') purchase.ownGrant = 'ended'
    if (before === 'granted' && purchase.ownGrant === 'ended') this.#transferAccess()
  }

  /** Grants access for purchases that the revoked grant covered. */
  #transferAccess(): void {
    for (const [id, purchase] of this.purchases) {
      const hasPendingRefund = [...this.refundRequests.values()].some((request) => request.purchase === id)
      const isCovered = this.hasAccess(purchase.quote.entityId)
      if (purchase.ownGrant !== 'granted' && !hasPendingRefund && !isCovered && this.project(id).entitled)
        purchase.ownGrant = 'granted'
    }
  }

  #get(id: string): ModelPurchase {
    const purchase = this.purchases.get(id)
    if (!purchase) throw new Error(`There is no purchase ${id}`)
    return purchase
  }
}
