import { z } from 'zod'
import { Time } from '../purchases/schemas.ts'
import { adminProcedure } from '../trpc.ts'

const count = (description: string) => z.int().meta({ description })

/** What should have moved by now: all 0 when everything goes well. */
export const stuck = adminProcedure
  .output(
    z.object({
      pendingPastDeadline: count("Unpaid purchases past their checkout's end"),
      mismatched: count('Payments that are not what was quoted: accept or refund them'),
      unappliedEvents: count("Events of Stripe's that no purchase has heard of for two minutes"),
      orphanEvents: count('Events that name a purchase that does not exist, whose alert is open'),
      unansweredRefunds: count('Refunds asked for two minutes ago or longer that Stripe has not answered'),
      failedRefunds: count('Refunds that Stripe took and that failed after all, whose alert is open'),
      reconciledUntil: Time.nullable().meta({ description: "When Stripe's events were last compared with the ledger" }),
    }),
  )
  .query(async ({ ctx }) => {
    const { reconciledUntil, ...counts } = await ctx.services.reads.stuck()
    return { ...counts, reconciledUntil: reconciledUntil?.toISOString() ?? null }
  })
