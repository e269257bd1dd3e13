import { stuckKinds } from '@pay-to-view/db'
import { z } from 'zod'
import { scopedProcedure } from '../trpc.ts'
import { Time } from '../values.ts'

const count = (description: string) => z.int().meta({ description })

/** Only the newest items are listed. Older items appear when newer items are resolved. */
const maxItemsPerKind = 20

const stuckItem = z.object({
  what: z.enum(stuckKinds),
  purchaseId: z.string().nullable(),
  id: z.string().nullable().meta({ description: "Stripe's event id, or the refund request's id" }),
  about: z.string().nullable().meta({ description: 'The event type, or the payment mismatch' }),
  since: Time,
})

/** Counts of overdue work. All counts are 0 in normal operation. */
export const stuck = scopedProcedure('purchases:read')
  .meta({ rest: { method: 'GET', path: '/admin/v1/pay-to-view/stuck', summary: 'Count stuck work', tag: 'admin' } })
  .input(z.strictObject({}).default({}))
  .output(
    z.object({
      pendingPastDeadline: count('Unpaid purchases whose checkout has expired'),
      mismatched: count('Payments that do not match their quote: accept or refund them'),
      unappliedEvents: count('Stripe events that have not been applied for two minutes'),
      blockedWorkflows: count('Purchases whose workflow cannot make progress, with an open alert'),
      orphanEvents: count('Days that have orphan events and an open alert about them'),
      unansweredRefunds: count('Refund requests without a response from Stripe for two minutes'),
      failedRefunds: count('Refunds that failed after Stripe accepted them, with an open alert'),
      reconciledUntil: Time.nullable().meta({
        description: "Time up to which Stripe's events have been compared with the event ledger",
      }),
      items: z.array(stuckItem).meta({
        description: `For each kind, the newest ${maxItemsPerKind} items without an alert. Includes events from the last 24 hours for which no webhook arrived`,
      }),
    }),
  )
  .query(async ({ ctx: { services } }) => {
    const [{ reconciledUntil, ...counts }, items] = await Promise.all([
      services.reads.stuckCounts(),
      services.reads.stuckItems(maxItemsPerKind),
    ])
    return {
      ...counts,
      reconciledUntil: reconciledUntil?.toISOString() ?? null,
      items: items.map(({ since, ...item }) => ({ ...item, since: since.toISOString() })),
    }
  })
