import { stuckKinds } from '@pay-to-view/db'
import { z } from 'zod'
import { Time } from '../purchases/schemas.ts'
import { adminProcedure } from '../trpc.ts'

/** Enough to begin with: what is dealt with makes room for the rest. */
const most = 20

/** What `admin.stuck` counts and no alert names, one by one, and the events of the last day that no webhook brought. The newest of each kind. */
export const stuckItems = adminProcedure
  .output(
    z.object({
      items: z.array(
        z.object({
          what: z.enum(stuckKinds),
          purchaseId: z.string().nullable(),
          id: z.string().nullable().meta({ description: "Stripe's id of the event, or the key of the request" }),
          about: z.string().nullable().meta({ description: "The event's type, or what differs" }),
          since: Time,
        }),
      ),
    }),
  )
  .query(async ({ ctx }) => ({
    items: (await ctx.services.reads.stuckItems(most)).map(({ since, ...item }) => ({ ...item, since: since.toISOString() })),
  }))
