import { z } from 'zod'
import { EntityId, PurchaseId, Time } from '../../purchases/schemas.ts'
import { text } from '../../text.ts'
import { adminProcedure } from '../../trpc.ts'
import { AlertId, AlertSeverity } from './schemas.ts'

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
          severity: AlertSeverity,
          purchaseId: PurchaseId.nullable(),
          purchase: z
            .object({ userId: z.string(), entityId: EntityId, entityTitle: z.string(), currency: z.string() })
            .nullable()
            .meta({ description: 'Amounts in `detail` without a currency of their own are in `currency`' }),
          detail: z.unknown(),
          at: Time,
          dueAt: Time.nullable().meta({ description: "Stripe's deadline for evidence" }),
          resolvedAt: Time.nullable(),
          resolvedBy: z.string().nullable(),
          note: z.string().nullable().meta({ description: "The operator's note about the resolution" }),
        }),
      ),
    }),
  )
  .query(async ({ ctx, input: { open, kind, before, limit } }) => {
    const rows = await ctx.services.reads.alerts({ open, kind }, before === undefined ? null : BigInt(before), limit)
    return {
      items: rows.map(({ id, at, dueAt, resolvedAt, ...row }) => ({
        ...row,
        id: String(id),
        at: at.toISOString(),
        dueAt: dueAt?.toISOString() ?? null,
        resolvedAt: resolvedAt?.toISOString() ?? null,
      })),
    }
  })
