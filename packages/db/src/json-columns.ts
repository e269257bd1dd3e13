import {
  type AllowedDiscount,
  disputeStatuses,
  type Facts,
  type PurchaseTerms,
  type Snapshot,
  storableText,
  type TaxBehavior,
} from '@pay-to-view/purchase'
import { z } from 'zod'
import { PurchaseUnreadable } from './data-errors.ts'
import { readRental } from './grants/grant-times.ts'

// Schemas that validate JSON columns when they are read.
const seconds = z.number().int().min(0).max(253_402_300_799)
const money = z.number().int().min(0).max(2_147_483_647)
const text = z.string().regex(storableText)

export const snapshotSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('session'),
    id: text,
    status: z.enum(['open', 'missing', 'expired', 'complete']),
    paymentIntentId: text.nullable(),
    hasPaymentIntent: z.boolean(),
    userId: text.nullable(),
    entityId: text.nullable(),
    totals: z.object({ currency: text, subtotal: money, discount: money, tax: money, total: money }).optional(),
    appliedDiscount: z.object({ promotionCodeId: text.nullable(), code: text.nullable() }).optional(),
    invoice: z.object({ id: text, number: text.nullable(), url: text.nullable(), pdfUrl: text.nullable() }).optional(),
    country: text.optional(),
    createdAt: seconds,
    observedAt: seconds,
  }),
  z.object({ kind: z.literal('free_order'), id: text, amount: z.literal(0), currency: text, observedAt: seconds }),
  z.object({ kind: z.literal('free_order_refund'), id: text, requestId: text, observedAt: seconds }),
  z.object({
    kind: z.literal('payment'),
    id: text,
    status: z.enum(['unpaid', 'processing', 'failed', 'paid']),
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
    respondBy: seconds.optional(),
    createdAt: seconds.optional(),
    observedAt: seconds,
  }),
  z.object({ kind: z.literal('rejection'), id: text, code: text, observedAt: seconds }),
  z.object({ kind: z.literal('acceptance'), id: text, by: text, observedAt: seconds }),
]) satisfies z.ZodType<Snapshot>

/**
 * Separates valid snapshots from invalid ones. Only the kind and id of an invalid snapshot are returned, because an invalid snapshot in the
 * facts would make the purchase unreadable.
 */
export const readSnapshots = (values: readonly unknown[]): { snapshots: Snapshot[]; unreadable: string[] } => {
  const snapshots: Snapshot[] = []
  const unreadable: string[] = []
  for (const value of values) {
    const parsed = snapshotSchema.safeParse(value)
    if (parsed.success) snapshots.push(parsed.data)
    else unreadable.push(nameSnapshot(value))
  }
  return { snapshots, unreadable }
}

const kindAndId = z.object({ kind: text.max(50), id: text.max(255) }).transform(({ kind, id }) => `${kind} ${id}`)

export const nameSnapshot = (value: unknown): string => kindAndId.safeParse(value).data ?? 'a value without kind and id'

export const storedFacts = z.record(z.string(), snapshotSchema) satisfies z.ZodType<Facts>

/** Parses the facts of a purchase. Throws PurchaseUnreadable if they do not match the schema. */
export const readStoredFacts = (purchaseId: string, value: unknown): Facts => {
  const { data, error } = storedFacts.safeParse(value)
  if (data) return data
  throw new PurchaseUnreadable(`The facts of ${purchaseId} do not match their schema`, { cause: error })
}

/** The columns that store the quote and the checkout session. */
export interface PurchaseTermsRow {
  userId: string
  entityId: string
  amount: number
  currency: string
  accessDurationDays: number | null
  rentalStartWithinDays: number | null
  rentalWatchWithinHours: number | null
  isRenewal: boolean
  allowedDiscount: string
  chosenPromotionCodeId: string | null
  chosenPromotionCode: string | null
  taxBehavior: TaxBehavior | null
  sessionId: string | null
}

const readAllowedDiscount = (row: PurchaseTermsRow): AllowedDiscount => {
  const { allowedDiscount, chosenPromotionCodeId: promotionCodeId, chosenPromotionCode: code } = row
  if (allowedDiscount === 'any') return { kind: 'any' }
  return promotionCodeId === null || code === null ? { kind: 'none' } : { kind: 'code', promotionCodeId, code }
}

export const purchaseTerms = (row: PurchaseTermsRow): PurchaseTerms => ({
  userId: row.userId,
  entityId: row.entityId,
  amount: row.amount,
  currency: row.currency,
  accessDurationDays: row.accessDurationDays,
  rental: readRental(row),
  isRenewal: row.isRenewal,
  allowedDiscount: readAllowedDiscount(row),
  taxBehavior: row.taxBehavior,
  sessionId: row.sessionId,
})
