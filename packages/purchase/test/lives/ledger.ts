import {
  decideAccess,
  decideRefund,
  type Facts,
  mergeAll,
  noFacts,
  type Projection,
  type PurchaseTerms,
  project,
  type Snapshot,
} from '../../src/index.ts'

interface Row {
  quote: PurchaseTerms
  facts: Facts
  own: 'none' | 'live' | 'ended'
}

/** One user's purchases, as the rules have them: what packages/db does in its transaction, without a database. */
export class Ledger {
  readonly rows = new Map<string, Row>()
  /** Duplicates to be given back: payment and amount. */
  readonly orders = new Map<string, { purchase: string; amount: number }>()
  /** Purchases that the operator has been told of. */
  readonly told = new Set<string>()
  readonly #opens: (grant: string, entity: string) => boolean

  constructor(quotes: Record<string, PurchaseTerms>, opens: (grant: string, entity: string) => boolean) {
    this.#opens = opens
    for (const [id, quote] of Object.entries(quotes)) this.rows.set(id, { quote, facts: noFacts, own: 'none' })
  }

  project(id: string): Projection {
    const row = this.#row(id)
    return project(row.facts, row.quote)
  }

  hasAccess(entity: string): boolean {
    return [...this.rows.values()].some((row) => row.own === 'live' && this.#opens(row.quote.entityId, entity))
  }

  apply(id: string, snapshots: readonly Snapshot[]): void {
    const row = this.#row(id)
    row.facts = mergeAll(row.facts, snapshots)
    const projection = this.project(id)
    const before = row.own
    const coveredByOther = [...this.rows].some(
      ([other, { own, quote }]) => other !== id && own === 'live' && this.#opens(quote.entityId, row.quote.entityId),
    )
    const settlement = decideAccess(projection, { own: row.own, lapsed: false, coveredByOther })
    const seconds = settlement === 'refund_duplicate' && projection.payment ? [projection.payment] : []
    for (const payment of [...seconds, ...projection.duplicates]) {
      const decision = decideRefund(row.facts, payment, undefined)
      if ('amount' in decision && !this.orders.has(payment.id))
        this.orders.set(payment.id, { purchase: id, amount: decision.amount })
    }
    if (settlement === 'grant') row.own = 'live'
    if (settlement === 'revoke' && row.own === 'live') row.own = 'ended'
    if (settlement === 'alert_covered') this.told.add(id)
    if (before === 'live' && row.own === 'ended') this.#handOver()
  }

  #handOver(): void {
    for (const [id, row] of this.rows) {
      const waits = [...this.orders.values()].some((order) => order.purchase === id)
      const covered = this.hasAccess(row.quote.entityId)
      if (row.own !== 'live' && !waits && !covered && this.project(id).entitled) row.own = 'live'
    }
  }

  #row(id: string): Row {
    const row = this.rows.get(id)
    if (!row) throw new Error(`There is no purchase ${id}`)
    return row
  }
}
