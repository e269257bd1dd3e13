import { z } from 'zod'
import { scopedProcedure } from '../../trpc.ts'
import { Time } from '../../values.ts'
import { AlertSeverity } from './schemas.ts'

/** The open alerts grouped by kind: most severe first, then by due date. */
export const groups = scopedProcedure('purchases:read')
  .output(
    z.object({
      items: z.array(z.object({ kind: z.string(), severity: AlertSeverity, count: z.int(), dueAt: Time.nullable() })),
    }),
  )
  .query(async ({ ctx }) => ({
    items: (await ctx.services.reads.openAlertGroups()).map(({ dueAt, ...group }) => ({
      ...group,
      dueAt: dueAt?.toISOString() ?? null,
    })),
  }))
