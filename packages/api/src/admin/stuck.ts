import { z } from 'zod'
import { Time } from '../purchases/schemas.ts'
import { adminProcedure } from '../trpc.ts'

const count = (description: string) => z.int().meta({ description })

/** Counts of items that are overdue; all are 0 in normal operation. */
export const stuck = adminProcedure
  .output(
    z.object({
      pendingPastDeadline: count('Unpaid purchases whose checkout has expired'),
      mismatched: count('Payments that do not match their quote: accept or refund them'),
      unappliedEvents: count('Stripe events that have not been applied for two minutes'),
      blockedWorkflows: count('Purchases whose workflow cannot make progress, with an open alert'),
      orphanEvents: count('Days with events of purchases that do not exist, with an open alert'),
      unansweredRefunds: count('Refund requests without a response from Stripe for two minutes'),
      failedRefunds: count('Refunds that failed after Stripe accepted them, with an open alert'),
      reconciledUntil: Time.nullable().meta({
        description: "Time up to which Stripe's events have been compared with the event ledger",
      }),
    }),
  )
  .query(async ({ ctx }) => {
    const { reconciledUntil, ...counts } = await ctx.services.reads.stuckCounts()
    return { ...counts, reconciledUntil: reconciledUntil?.toISOString() ?? null }
  })
