import { stuckKinds } from '@pay-to-view/db'
import { z } from 'zod'
import { Time } from '../purchases/schemas.ts'
import { adminProcedure } from '../trpc.ts'

/** Resolving some makes room for the rest. */
const maxPerKind = 20

/** The newest items of each kind that `admin.stuck` counts and that have no alert, and the events of the last day that no webhook delivered. */
export const stuckItems = adminProcedure
  .output(
    z.object({
      items: z.array(
        z.object({
          what: z.enum(stuckKinds),
          purchaseId: z.string().nullable(),
          id: z.string().nullable().meta({ description: "Stripe's event id, or the id of the refund request" }),
          about: z.string().nullable().meta({ description: 'The type of the event, or the mismatch of the payment' }),
          since: Time,
        }),
      ),
    }),
  )
  .query(async ({ ctx }) => ({
    items: (await ctx.services.reads.stuckItems(maxPerKind)).map(({ since, ...item }) => ({
      ...item,
      since: since.toISOString(),
    })),
  }))
