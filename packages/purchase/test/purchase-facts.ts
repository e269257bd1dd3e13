import {
  type DisputeSnapshot,
  mergeAll,
  noFacts,
  type PaymentSnapshot,
  type PurchaseTerms,
  project,
  type RefundSnapshot,
  type SessionSnapshot,
  type Snapshot,
} from '../src/index.ts'

// A purchase's quote and snapshots, whose fields the tests change individually.

export const quote: PurchaseTerms = {
  ...{ userId: 'alice', entityId: 'vid_1', amount: 499, currency: 'usd', accessDurationDays: 30, rental: null, isRenewal: false },
  allowedDiscount: { kind: 'none' },
  taxBehavior: null,
  sessionId: 'cs_1',
}

export const session = (over: Partial<SessionSnapshot> = {}): SessionSnapshot => ({
  kind: 'session',
  id: 'cs_1',
  status: 'complete',
  paymentIntentId: 'pi_1',
  hasPaymentIntent: true,
  userId: 'alice',
  entityId: 'vid_1',
  createdAt: 50,
  observedAt: 100,
  ...over,
})
export const payment = (over: Partial<PaymentSnapshot> = {}): PaymentSnapshot => ({
  kind: 'payment',
  id: 'pi_1',
  status: 'paid',
  amount: 499,
  currency: 'usd',
  observedAt: 100,
  ...over,
})
export const refund = (over: Partial<RefundSnapshot> = {}): RefundSnapshot => ({
  kind: 'refund',
  id: 're_1',
  paymentIntentId: 'pi_1',
  status: 'succeeded',
  amount: 499,
  createdAt: 200,
  requestId: null,
  observedAt: 200,
  ...over,
})
export const dispute = (over: Partial<DisputeSnapshot> = {}): DisputeSnapshot => ({
  kind: 'dispute',
  id: 'dp_1',
  paymentIntentId: 'pi_1',
  status: 'needs_response',
  amount: 499,
  refundable: false,
  withdrawn: true,
  observedAt: 300,
  ...over,
})
export const factsFrom = (...list: Snapshot[]) => mergeAll(noFacts, list)
export const statusOf = (list: Snapshot[]) => project(factsFrom(...list), quote).status
export const paid = [session(), payment()]
