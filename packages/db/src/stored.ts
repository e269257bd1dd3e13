import { type Agreed, disputeStatuses, type Facts, type Snapshot } from '@pay-to-view/purchase'
import { z } from 'zod'

/** The shapes of what the JSON columns hold, checked when read. */
const seconds = z.number().int()
const money = z.number().int()

const snapshot = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('session'),
    id: z.string(),
    status: z.enum(['open', 'gone', 'expired', 'complete']),
    payment: z.string().nullable(),
    // Facts that were stored before these were read from Stripe have none.
    paysByIntent: z.boolean().default(true),
    userId: z.string().nullable(),
    entityId: z.string().nullable(),
    createdAt: seconds.default(0),
    observedAt: seconds,
  }),
  z.object({
    kind: z.literal('payment'),
    id: z.string(),
    status: z.enum(['none', 'processing', 'failed', 'paid']),
    amount: money,
    currency: z.string(),
    observedAt: seconds,
  }),
  z.object({
    kind: z.literal('refund'),
    id: z.string(),
    payment: z.string(),
    status: z.enum(['pending', 'requires_action', 'succeeded', 'canceled', 'failed']),
    amount: money,
    createdAt: seconds,
    requestId: z.string().nullable(),
    observedAt: seconds,
  }),
  z.object({
    kind: z.literal('dispute'),
    id: z.string(),
    payment: z.string(),
    status: z.enum(disputeStatuses),
    amount: money,
    refundable: z.boolean(),
    withdrawn: z.boolean(),
    observedAt: seconds,
  }),
  z.object({ kind: z.literal('refusal'), id: z.string(), code: z.string(), observedAt: seconds }),
  z.object({ kind: z.literal('acceptance'), id: z.string(), by: z.string(), observedAt: seconds }),
]) satisfies z.ZodType<Snapshot>

export const storedFacts = z.record(z.string(), snapshot) satisfies z.ZodType<Facts>

/** What was read from an event: enough to signal its purchase again. */
export const storedReading = z.object({
  purchaseId: z.string().nullable(),
  payment: z.string().nullable(),
  snapshots: z.array(snapshot),
  ask: z.boolean(),
})
export type StoredReading = z.infer<typeof storedReading>

/** Who asks for the refund of a duplicate: nobody waits for the answer. */
export const ourselves = 'pay-to-view'

/** Why a purchase changed. */
export type Cause =
  | { kind: 'event'; eventIds: string[] }
  | { kind: 'admin'; by: string; requestId: string; reason: string | null }
  | { kind: 'accepted'; by: string; reason: string | null }
  | { kind: 'viewer' }
  | { kind: 'deadline' }
  | { kind: 'duplicate'; payment: string }
  | { kind: 'canceled' }
  | { kind: 'inherited'; from: string }
  | { kind: 'reconcile' }
  | { kind: 'forgotten'; by: string }

export const quoteOf = (row: {
  userId: string
  entityId: string
  amount: number
  currency: string
  accessDurationDays: number | null
  sessionId: string | null
}): Agreed => ({
  userId: row.userId,
  entityId: row.entityId,
  amount: row.amount,
  currency: row.currency,
  accessDurationDays: row.accessDurationDays,
  sessionId: row.sessionId,
})
