/**
 * Facts: everything that Stripe has reported about one purchase. A snapshot is one Stripe object as it was at `observedAt`; facts hold the
 * newest snapshot of each object. `merge` is commutative, associative and idempotent, so late, duplicate and reordered webhooks lead to the
 * same facts.
 *
 * Times are seconds since the epoch on Stripe's clock (`created` of an event, the `Date` header of a response), never on ours. Money is in
 * minor units with a lowercase ISO currency, as in Stripe's API.
 *
 * Snapshots are type aliases, not interfaces, so that TypeScript treats them as plain JSON.
 */

/** The parts of a completed checkout's price (Stripe's `amount_subtotal`, `total_details` and `amount_total`). */
export type Totals = {
  currency: string
  /** The price before the discount and exclusive tax. It contains inclusive tax. */
  subtotal: number
  discount: number
  tax: number
  total: number
}

/** The discount that reduced the price of a checkout. A coupon that was applied in the Stripe dashboard has no promotion code. */
export type AppliedDiscount = {
  promotionCodeId: string | null
  /** The code as customers type it; null in events, which contain only the id. */
  code: string | null
}

/** Stripe's invoice for a completed checkout. Events contain only the id. */
export type InvoiceReference = {
  id: string
  number: string | null
  /** The URL of the invoice page, hosted by Stripe. */
  url: string | null
  pdfUrl: string | null
}

/** A Checkout Session. `userId` and `entityId` come from its metadata. A `missing` session is one that Stripe does not know; it cannot be paid. */
export type SessionSnapshot = {
  kind: 'session'
  id: string
  status: 'open' | 'missing' | 'expired' | 'complete'
  paymentIntentId: string | null
  /**
   * False if the session never gets a payment intent: a coupon covers the whole amount, or the session is a subscription, which is paid by
   * invoice.
   */
  hasPaymentIntent: boolean
  userId: string | null
  entityId: string | null
  /**
   * `totals`, `appliedDiscount`, `invoice` and `country` are absent until the session is complete, and in snapshots from earlier versions.
   */
  totals?: Totals | undefined
  appliedDiscount?: AppliedDiscount | undefined
  invoice?: InvoiceReference | undefined
  /** The country of the buyer's billing address: two letters, as in ISO 3166. */
  country?: string | undefined
  /** Stripe's `created`. */
  createdAt: number
  observedAt: number
}

/**
 * A checkout whose total is 0 because a promotion code covers the whole price. It completes without a PaymentIntent (Stripe's
 * `no_payment_required`), so it can be neither refunded in Stripe nor disputed. `id` is the session's id.
 */
export type FreeOrderSnapshot = {
  kind: 'free_order'
  id: string
  amount: 0
  currency: string
  observedAt: number
}

/**
 * An operator has taken back a free order. This snapshot does not come from Stripe: `id` is the session's id and `observedAt` is on our
 * clock.
 */
export type FreeOrderRefundSnapshot = {
  kind: 'free_order_refund'
  id: string
  /** The id of our refund request. */
  requestId: string
  observedAt: number
}

/** A PaymentIntent. It is `unpaid` before the first attempt to pay, and after a declined attempt while its checkout is open. */
export type PaymentSnapshot = {
  kind: 'payment'
  id: string
  status: 'unpaid' | 'processing' | 'failed' | 'paid'
  amount: number
  currency: string
  observedAt: number
}

export type RefundSnapshot = {
  kind: 'refund'
  id: string
  paymentIntentId: string
  status: 'pending' | 'requires_action' | 'succeeded' | 'canceled' | 'failed'
  amount: number
  /** Stripe's `created`. */
  createdAt: number
  /** The id of our refund request, from the metadata; null for a refund created elsewhere, such as in the Stripe dashboard. */
  requestId: string | null
  observedAt: number
}

export const disputeStatuses = [
  'warning_needs_response',
  'warning_under_review',
  'warning_closed',
  'needs_response',
  'under_review',
  'prevented',
  'lost',
  'appeal_needs_response',
  'appeal_under_review',
  'won',
] as const

export type DisputeSnapshot = {
  kind: 'dispute'
  id: string
  paymentIntentId: string
  status: (typeof disputeStatuses)[number]
  amount: number
  /** Stripe's `is_charge_refundable`. */
  refundable: boolean
  /** Whether the disputed amount is currently withdrawn from our balance. */
  withdrawn: boolean
  /** Stripe's deadline for evidence; absent if Stripe gives none, and in snapshots from earlier versions. */
  respondBy?: number | undefined
  /** Stripe's `created`; absent in snapshots from earlier versions. */
  createdAt?: number | undefined
  observedAt: number
}

/** Stripe definitely rejected the checkout of the purchase, so nothing can be paid. `id` is the purchase's id. */
export type RejectionSnapshot = {
  kind: 'rejection'
  id: string
  code: string
  observedAt: number
}

/**
 * An operator has accepted a payment or a free order that does not match the quote. This snapshot does not come from Stripe: `id` is the id
 * of the payment or free order, and `observedAt` is on our clock.
 */
export type AcceptanceSnapshot = {
  kind: 'acceptance'
  id: string
  by: string
  observedAt: number
}

export type Snapshot =
  | SessionSnapshot
  | PaymentSnapshot
  | FreeOrderSnapshot
  | FreeOrderRefundSnapshot
  | RefundSnapshot
  | DisputeSnapshot
  | RejectionSnapshot
  | AcceptanceSnapshot
export type SnapshotOf<Kind extends Snapshot['kind']> = Extract<Snapshot, { kind: Kind }>

/** One snapshot per object, keyed `kind:id`. Plain JSON. */
export type Facts = Readonly<Record<string, Snapshot>>

export const noFacts: Facts = {}

const ranks = {
  session: { open: 0, missing: 1, expired: 2, complete: 2 },
  payment: { unpaid: 0, processing: 1, failed: 2, paid: 3 },
  refund: { pending: 0, requires_action: 1, succeeded: 2, canceled: 3, failed: 3 },
} as const

const sortKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** JSON with sorted keys, so equal snapshots give equal strings. */
const canonical = (snapshot: Snapshot): string => JSON.stringify(snapshot, sortKeys)

/** How much detail a snapshot of a session has about the discount and invoice, of which events contain only the ids. */
const detailOf = ({ totals, appliedDiscount, invoice }: SessionSnapshot): number =>
  [totals, appliedDiscount?.code, invoice, invoice?.number, invoice?.url].filter(
    (detail) => detail !== undefined && detail !== null,
  ).length

/**
 * Whether a session contains only the id of its promotion code or invoice, as in events. Then the code and the invoice URL have to be
 * fetched.
 */
export const hasUnnamedObjects = ({ appliedDiscount: discount, invoice }: SessionSnapshot): boolean =>
  (typeof discount?.promotionCodeId === 'string' && discount.code === null) || (invoice !== undefined && invoice.url === null)

const sortKey = (snapshot: Snapshot): readonly number[] => {
  switch (snapshot.kind) {
    case 'session':
      // A completed session does not change, so the most detailed snapshot wins over a newer one.
      return [ranks.session[snapshot.status], detailOf(snapshot), snapshot.observedAt]
    case 'payment':
      // A payment never leaves `paid`. Its earliest snapshot has the time of payment, which is when access starts.
      return [ranks.payment[snapshot.status], snapshot.status === 'paid' ? -snapshot.observedAt : snapshot.observedAt]
    case 'refund':
      return [ranks.refund[snapshot.status], snapshot.observedAt]
    case 'dispute':
      // Time comes first, because a lost dispute can be appealed and won.
      return [snapshot.observedAt, disputeStatuses.indexOf(snapshot.status)]
    case 'free_order':
    case 'free_order_refund':
      // The earliest snapshot has the time at which access started or ended.
      return [-snapshot.observedAt]
    case 'rejection':
    case 'acceptance':
      return [snapshot.observedAt]
    default:
      return snapshot satisfies never
  }
}

/** A total order over the snapshots of one object: 0 only for equal snapshots. */
export const compare = (a: Snapshot, b: Snapshot): number => {
  const keyOfB = sortKey(b)
  for (const [index, value] of sortKey(a).entries()) {
    const difference = value - (keyOfB[index] ?? 0)
    if (difference !== 0) return difference
  }
  const [left, right] = [canonical(a), canonical(b)]
  return left === right ? 0 : left < right ? -1 : 1
}

const keyOf = (snapshot: Snapshot): string => `${snapshot.kind}:${snapshot.id}`

/** Adds a snapshot to the facts. Returns `facts` itself if they already contain this or a newer snapshot of the object. */
export const merge = (facts: Facts, snapshot: Snapshot): Facts => {
  const known = facts[keyOf(snapshot)]
  return known && compare(known, snapshot) >= 0 ? facts : { ...facts, [keyOf(snapshot)]: snapshot }
}

export const mergeAll = (facts: Facts, snapshots: Iterable<Snapshot>): Facts => {
  let merged = facts
  for (const snapshot of snapshots) merged = merge(merged, snapshot)
  return merged
}

/** The facts of one kind, sorted by id, so that nothing depends on the order of arrival. */
export const factsOf = <Kind extends Snapshot['kind']>(facts: Facts, kind: Kind): SnapshotOf<Kind>[] =>
  Object.values(facts)
    .filter((snapshot): snapshot is SnapshotOf<Kind> => snapshot.kind === kind)
    .sort((a, b) => (a.id < b.id ? -1 : 1))

/**
 * Whether the facts or the new snapshots contain two different snapshots of one dispute with the same second: it is unknown which one is
 * newer, so the dispute must be fetched again a moment later.
 */
export const isAmbiguous = (facts: Facts, snapshots: readonly Snapshot[]): boolean => {
  let merged = facts
  return snapshots.some((snapshot) => {
    const known = merged[keyOf(snapshot)]
    merged = merge(merged, snapshot)
    return snapshot.kind === 'dispute' && known?.observedAt === snapshot.observedAt && compare(known, snapshot) !== 0
  })
}
