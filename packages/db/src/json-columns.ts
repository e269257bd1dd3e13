import { disputeStatuses, type Facts, type PurchaseTerms, type Snapshot, storable } from '@pay-to-view/purchase'
import { z } from 'zod'

/** The shapes of what the JSON columns hold, checked when read. */
const seconds = z.number().int().min(0).max(253_402_300_799)
const money = z.number().int().min(0).max(2_147_483_647)
const text = z.string().regex(storable)

export const snapshotSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('session'),
    id: text,
    status: z.enum(['open', 'gone', 'expired', 'complete']),
    paymentIntentId: text.nullable(),
    hasPaymentIntent: z.boolean(),
    userId: text.nullable(),
    entityId: text.nullable(),
    createdAt: seconds,
    observedAt: seconds,
  }),
  z.object({
    kind: z.literal('payment'),
    id: text,
    status: z.enum(['none', 'processing', 'failed', 'paid']),
    amount: money,
    currency: text,
    observedAt: seconds,
  }),
  z.object({
    kind: z.literal('refund'),
    id: text,
    paymentIntentId: text,
    status: z.enum(['pending', 'requires_action', 'succeeded', 'canceled', 'failed']),
    amount: money,
    createdAt: seconds,
    requestId: text.nullable(),
    observedAt: seconds,
  }),
  z.object({
    kind: z.literal('dispute'),
    id: text,
    paymentIntentId: text,
    status: z.enum(disputeStatuses),
    amount: money,
    refundable: z.boolean(),
    withdrawn: z.boolean(),
    observedAt: seconds,
  }),
  z.object({ kind: z.literal('refusal'), id: text, code: text, observedAt: seconds }),
  z.object({ kind: z.literal('acceptance'), id: text, by: text, observedAt: seconds }),
]) satisfies z.ZodType<Snapshot>

/** What can be read of these, and for each that cannot, what it says to be. One of them among the facts would make them unreadable for good. */
export const readSnapshots = (given: readonly unknown[]): { snapshots: Snapshot[]; unreadable: string[] } => {
  const snapshots: Snapshot[] = []
  const unreadable: string[] = []
  for (const one of given) {
    const read = snapshotSchema.safeParse(one)
    if (read.success) snapshots.push(read.data)
    else unreadable.push(named.safeParse(one).data ?? 'something without a kind and an id')
  }
  return { snapshots, unreadable }
}

const named = z.object({ kind: text.max(50), id: text.max(255) }).transform(({ kind, id }) => `${kind} ${id}`)

export const storedFacts = z.record(z.string(), snapshotSchema) satisfies z.ZodType<Facts>

/** Who asks for the refund of a duplicate: nobody waits for the answer. */
export const SYSTEM_ACTOR = 'pay-to-view'

export const quoteOf = (row: {
  userId: string
  entityId: string
  amount: number
  currency: string
  accessDurationDays: number | null
  sessionId: string | null
}): PurchaseTerms => ({
  userId: row.userId,
  entityId: row.entityId,
  amount: row.amount,
  currency: row.currency,
  accessDurationDays: row.accessDurationDays,
  sessionId: row.sessionId,
})
