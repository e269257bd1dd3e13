/**
 * Facts are everything that Stripe has reported about one purchase. A snapshot is one Stripe object as it was at `observedAt`, and the
 * facts contain the newest snapshot of each object. `merge` is commutative, associative and idempotent, so late, duplicate and reordered
 * webhooks lead to the same facts.
 *
 * Times are seconds since the epoch on Stripe's clock (an event's `created` or a response's `Date` header), not on ours. Amounts are in
 * minor units with a lowercase ISO currency code, as in Stripe's API.
 *
 * Snapshots are type aliases instead of interfaces, so TypeScript treats them as plain JSON.
 */

/** The parts of a completed checkout's price (Stripe's `amount_subtotal`, `total_details` and `amount_total`). */
export type Totals = {
  currency: string
  /** The price before the discount and before exclusive tax. It contains inclusive tax. */
  subtotal: number
  discount: number
  tax: number
  total: number
}

/** The discount that reduced a checkout's price. A coupon that was applied in the Stripe dashboard has no promotion code. */
export type AppliedDiscount = {
  promotionCodeId: string | null
  /** The code as buyers type it; null in snapshots from events, which contain only the id. */
  code: string | null
}

/** Stripe's invoice for a completed checkout. Snapshots from events contain only the id. */
export type InvoiceReference = {
  id: string
  number: string | null
  /** The URL of the invoice page that Stripe hosts. */
  url: string | null
  pdfUrl: string | null
}

/**
 * A Checkout Session. `userId` and `entityId` come from the session's metadata. The status `missing` means that Stripe does not know the
 * session, so it cannot be paid.
 */
export type SessionSnapshot = {
  kind: 'session'
  id: string
  status: 'open' | 'missing' | 'expired' | 'complete'
  paymentIntentId: string | null
  /**
   * False if the session never gets a payment intent, because a coupon covers the whole amount or because the session is for a
   * subscription, which is paid by invoice.
   */
  hasPaymentIntent: boolean
  userId: string | null
  entityId: string | null
  /**
   * `totals`, `appliedDiscount`, `invoice` and `country` are absent until the session is complete. They are also absent in snapshots from
   * earlier versions.
   */
  totals?: Totals | undefined
  appliedDiscount?: AppliedDiscount | undefined
  invoice?: InvoiceReference | undefined
  /** The two-letter ISO 3166 code of the billing address's country. */
  country?: string | undefined
  /** Stripe's `created`. */
  createdAt: number
  observedAt: number
}

/**
 * A checkout whose total is 0 because a promotion code covers the whole price. The session completes without a PaymentIntent (Stripe's
 * `no_payment_required`), so the order can be neither refunded in Stripe nor disputed. `id` is the session's id.
 */
export type FreeOrderSnapshot = {
  kind: 'free_order'
  id: string
  amount: 0
  currency: string
  observedAt: number
}

/**
 * Records that an operator has taken back a free order. This snapshot does not come from Stripe. `id` is the session's id, and `observedAt`
 * is on our clock.
 */
export type FreeOrderRefundSnapshot = {
  kind: 'free_order_refund'
  id: string
  /** The id of our refund request. */
  requestId: string
  observedAt: number
}

/** A PaymentIntent. It is `unpaid` before the first payment attempt, and after a declined attempt while the checkout is still open. */
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
  /**
   * The id of our refund request, from the refund's metadata; null for a refund that was created elsewhere, such as in the Stripe
   * dashboard.
   */
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
  /** Whether the disputed amount is currently deducted from the account's balance. */
  withdrawn: boolean
  /** Stripe's deadline for evidence; absent if Stripe sets no deadline, and in snapshots from earlier versions. */
  respondBy?: number | undefined
  /** Stripe's `created`; absent in snapshots from earlier versions. */
  createdAt?: number | undefined
  observedAt: number
}

/** Records that Stripe definitively rejected the purchase's checkout, so nothing can be paid. `id` is the purchase's id. */
export type RejectionSnapshot = {
  kind: 'rejection'
  id: string
  code: string
  observedAt: number
}

/**
 * Records that an operator has accepted a payment or a free order that does not match the quote. This snapshot does not come from Stripe.
 * `id` is the id of the payment or free order, and `observedAt` is on our clock.
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

/** One snapshot per object, keyed by `kind:id`. Facts are plain JSON. */
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

/** Returns JSON with sorted keys, so equal snapshots result in equal strings. */
const canonical = (snapshot: Snapshot): string => JSON.stringify(snapshot, sortKeys)

/**
 * Returns how many details a session snapshot contains. Snapshots from events have fewer details, because events contain only the ids of
 * the discount and the invoice.
 */
const detailOf = ({ totals, appliedDiscount, invoice }: SessionSnapshot): number =>
  [totals, appliedDiscount?.code, invoice, invoice?.number, invoice?.url].filter(
    (detail) => detail !== undefined && detail !== null,
  ).length

/**
 * Whether a session contains only the id of its promotion code or invoice, as in events. In that case, the code and the invoice URL have to
 * be fetched.
 */
export const hasUnnamedObjects = ({ appliedDiscount: discount, invoice }: SessionSnapshot): boolean =>
  (typeof discount?.promotionCodeId === 'string' && discount.code === null) || (invoice !== undefined && invoice.url === null)

const sortKey = (snapshot: Snapshot): readonly number[] => {
  switch (snapshot.kind) {
    case 'session':
      // A completed session does not change, so a more detailed snapshot wins over a newer snapshot.
      return [ranks.session[snapshot.status], detailOf(snapshot), snapshot.observedAt]
    case 'payment':
      // A payment never leaves `paid`. Its earliest `paid` snapshot has the payment time, at which access starts.
      return [ranks.payment[snapshot.status], snapshot.status === 'paid' ? -snapshot.observedAt : snapshot.observedAt]
    case 'refund':
      return [ranks.refund[snapshot.status], snapshot.observedAt]
    case 'dispute':
      // The time is compared first, because a lost dispute can be appealed and won.
      return [snapshot.observedAt, disputeStatuses.indexOf(snapshot.status)]
    case 'free_order':
    case 'free_order_refund':
      // The earliest snapshot wins, because it has the time at which access started or ended.
      return [-snapshot.observedAt]
    case 'rejection':
    case 'acceptance':
      return [snapshot.observedAt]
    default:
      return snapshot satisfies never
  }
}

/** Compares two snapshots of the same object. This is a total order: the result is 0 only for equal snapshots. */
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

/** Adds a snapshot to the facts. Returns `facts` unchanged if they already contain this snapshot or a newer snapshot of the object. */
export const merge = (facts: Facts, snapshot: Snapshot): Facts => {
  const known = facts[keyOf(snapshot)]
  return known && compare(known, snapshot) >= 0 ? facts : { ...facts, [keyOf(snapshot)]: snapshot }
}

export const mergeAll = (facts: Facts, snapshots: Iterable<Snapshot>): Facts => {
  let merged = facts
  for (const snapshot of snapshots) merged = merge(merged, snapshot)
  return merged
}

/** Returns the facts of one kind, sorted by id, so nothing depends on the order of arrival. */
export const factsOf = <Kind extends Snapshot['kind']>(facts: Facts, kind: Kind): SnapshotOf<Kind>[] =>
  Object.values(facts)
    .filter((snapshot): snapshot is SnapshotOf<Kind> => snapshot.kind === kind)
    .sort((a, b) => (a.id < b.id ? -1 : 1))

/**
 * Whether the facts and the new snapshots contain two different snapshots of one dispute from the same second. It is then unknown which
 * snapshot is newer, so the dispute must be fetched again a moment later.
 */
export const isAmbiguous = (facts: Facts, snapshots: readonly Snapshot[]): boolean => {
  let merged = facts
  return snapshots.some((snapshot) => {
    const known = merged[keyOf(snapshot)]
    merged = merge(merged, snapshot)
    return snapshot.kind === 'dispute' && known?.observedAt === snapshot.observedAt && compare(known, snapshot) !== 0
  })
}
