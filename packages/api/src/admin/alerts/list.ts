import { z } from 'zod'
import { PurchaseId, Time } from '../../purchases/schemas.ts'
import { text } from '../../text.ts'
import { adminProcedure } from '../../trpc.ts'

export const AlertId = z.string().regex(/^\d{1,18}$/, 'Expected the numeric id of an alert')

/** Alerts, newest first. docs/operations.md describes each kind and how to resolve it. */
export const list = adminProcedure
  .input(
    z.object({
      open: z.boolean().default(true).meta({ description: 'Only unresolved alerts' }),
      kind: text(100).optional(),
      before: AlertId.optional().meta({ description: 'The last id of the previous page' }),
      limit: z.int('Expected a whole number from 1 to 100').min(1).max(100).default(50),
    }),
  )
  .output(
    z.object({
      items: z.array(
        z.object({
          id: z.string(),
          kind: z.string(),
          purchaseId: PurchaseId.nullable(),
          detail: z.unknown(),
          at: Time,
          resolvedAt: Time.nullable(),
          resolvedBy: z.string().nullable(),
        }),
      ),
    }),
  )
  .query(async ({ ctx, input: { open, kind, before, limit } }) => {
    const rows = await ctx.services.reads.alerts({ open, kind }, before === undefined ? null : BigInt(before), limit)
    return {
      items: rows.map(({ id, at, resolvedAt, ...row }) => ({
        ...row,
        id: String(id),
        at: at.toISOString(),
        resolvedAt: resolvedAt?.toISOString() ?? null,
      })),
    }
  })
