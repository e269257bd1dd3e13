/**
 * Facts: what Stripe has told us about one purchase. A snapshot is one object of Stripe's as it was at `observedAt`; facts hold for each
 * object the snapshot that counts. `merge` is commutative, associative and idempotent, so late, repeated and reordered webhooks cannot
 * matter: whatever the order, the same snapshots end in the same facts.
 *
 * Times are seconds since the epoch on Stripe's clock (an event's `created`; for a retrieve, the answer's `Date` header), never ours.
 * Money is in minor units (cents) with a lower-case ISO currency, as Stripe writes it.
 *
 * Snapshots are type aliases, not interfaces, so that they count as plain JSON.
 */

/**
 * A Checkout Session. `userId` and `entityId` are what its metadata says, null where it says nothing. One that is `gone` Stripe does not
 * know (any more): nobody can pay it.
 */
export type SessionSnapshot = {
  kind: 'session'
  id: string
  status: 'open' | 'gone' | 'expired' | 'complete'
  paymentIntentId: string | null
  /** False where no payment intent comes of it: a coupon left nothing to pay, or it is a subscription's, which pays by invoice. */
  hasPaymentIntent: boolean
  userId: string | null
  entityId: string | null
  /** When the session was made: Stripe's `created`. */
  createdAt: number
  observedAt: number
}

/** A PaymentIntent, reduced to what matters: `none` is one that nobody has tried to pay, or whose try was declined while its checkout is open. */
export type PaymentSnapshot = {
  kind: 'payment'
  id: string
  status: 'none' | 'processing' | 'failed' | 'paid'
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
  /** When the refund was made: Stripe's `created`. */
  createdAt: number
  /** The id of our refund request that made it, from its metadata; null when made elsewhere (Stripe's dashboard). */
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
  /** Whether Stripe still lets the charge be refunded: `is_charge_refundable`. */
  refundable: boolean
  /** Whether the disputed money is gone from the account now: the dispute's balance transactions add up to less than nothing. */
  withdrawn: boolean
  observedAt: number
}

/**
 * Stripe refused for good to make the checkout of this purchase, so there is none to pay. `id` is the purchase's.
 */
export type RejectionSnapshot = {
  kind: 'refusal'
  id: string
  code: string
  observedAt: number
}

/**
 * An operator has looked at a payment that is not what was quoted, and takes it for good. The one fact that is ours: `id` is the
 * payment's, `observedAt` on our clock.
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
  | RefundSnapshot
  | DisputeSnapshot
  | RejectionSnapshot
  | AcceptanceSnapshot
export type SnapshotOf<Kind extends Snapshot['kind']> = Extract<Snapshot, { kind: Kind }>

/** One snapshot for each object, keyed `kind:id`. Plain JSON. */
export type Facts = Readonly<Record<string, Snapshot>>

export const noFacts: Facts = {}

const ranks = {
  session: { open: 0, gone: 1, expired: 2, complete: 2 },
  payment: { none: 0, processing: 1, failed: 2, paid: 3 },
  refund: { pending: 0, requires_action: 1, succeeded: 2, canceled: 3, failed: 3 },
} as const

/** JSON with the keys in order, so that equal snapshots have equal text. */
const canonical = (snapshot: Snapshot): string => JSON.stringify(snapshot, Object.keys(snapshot).sort())

const sortKey = (snapshot: Snapshot): readonly [number, number] => {
  switch (snapshot.kind) {
    case 'session':
      return [ranks.session[snapshot.status], snapshot.observedAt]
    case 'payment':
      // Paid is never undone, and its earliest sighting is the time of payment: access is counted from it.
      return [ranks.payment[snapshot.status], snapshot.status === 'paid' ? -snapshot.observedAt : snapshot.observedAt]
    case 'refund':
      return [ranks.refund[snapshot.status], snapshot.observedAt]
    case 'dispute':
      // Time first: a lost dispute can be appealed and won after all.
      return [snapshot.observedAt, disputeStatuses.indexOf(snapshot.status)]
    case 'refusal':
    case 'acceptance':
      return [0, snapshot.observedAt]
    default:
      return snapshot satisfies never
  }
}

/** A total order over the snapshots of one object: 0 only for equal ones. */
export const compare = (a: Snapshot, b: Snapshot): number => {
  const [a1, a2] = sortKey(a)
  const [b1, b2] = sortKey(b)
  if (a1 !== b1) return a1 - b1
  if (a2 !== b2) return a2 - b2
  const [left, right] = [canonical(a), canonical(b)]
  return left === right ? 0 : left < right ? -1 : 1
}

const keyOf = (snapshot: Snapshot): string => `${snapshot.kind}:${snapshot.id}`

/** The facts with one more snapshot: of each object the one that counts is kept. Returns `facts` itself when it says nothing new. */
export const merge = (facts: Facts, snapshot: Snapshot): Facts => {
  const known = facts[keyOf(snapshot)]
  return known && compare(known, snapshot) >= 0 ? facts : { ...facts, [keyOf(snapshot)]: snapshot }
}

export const mergeAll = (facts: Facts, snapshots: Iterable<Snapshot>): Facts => {
  let merged = facts
  for (const snapshot of snapshots) merged = merge(merged, snapshot)
  return merged
}

/** The facts of one kind, in the order of their ids, so that nothing depends on the order of arrival. */
export const factsOf = <Kind extends Snapshot['kind']>(facts: Facts, kind: Kind): SnapshotOf<Kind>[] =>
  Object.values(facts)
    .filter((snapshot): snapshot is SnapshotOf<Kind> => snapshot.kind === kind)
    .sort((a, b) => (a.id < b.id ? -1 : 1))

/**
 * Whether one second of Stripe's clock holds two tellings of one dispute, among these snapshots as well: which came last cannot be known
 * from them, so Stripe must be asked again a moment later.
 */
export const isAmbiguous = (facts: Facts, snapshots: readonly Snapshot[]): boolean => {
  let heard = facts
  return snapshots.some((snapshot) => {
    const known = heard[keyOf(snapshot)]
    heard = merge(heard, snapshot)
    return snapshot.kind === 'dispute' && known?.observedAt === snapshot.observedAt && compare(known, snapshot) !== 0
  })
}
