import { z } from 'zod'
import { pageInput, pageOf, readCursor, toPage } from '../../cursor.ts'
import { EntityId, PurchaseId } from '../../purchases/schemas.ts'
import { text } from '../../text.ts'
import { scopedProcedure } from '../../trpc.ts'
import { Time } from '../../values.ts'
import { AlertId, AlertSeverity } from './schemas.ts'

/** Alerts, newest first. docs/operations.md describes each kind and how to resolve it. */
export const list = scopedProcedure('purchases:read')
  .meta({ rest: { method: 'GET', path: '/admin/v1/pay-to-view/alerts', summary: 'List alerts', tag: 'admin' } })
  .input(
    z.strictObject({
      severity: AlertSeverity.optional(),
      kind: text(100).optional(),
      open: z.boolean('Expected true or false').default(true).meta({ description: 'Only unresolved alerts; false lists all' }),
      ...pageInput,
    }),
  )
  .output(
    pageOf(
      z.object({
        id: z.string(),
        kind: z.string(),
        severity: AlertSeverity,
        purchaseId: PurchaseId.nullable(),
        purchase: z
          .object({ userId: z.string(), entityId: EntityId, entityTitle: z.string(), currency: z.string() })
          .nullable()
          .meta({
            description:
              'Null for an alert without a purchase. `currency` applies to amounts in `detail` that have no currency of their own',
          }),
        detail: z.unknown(),
        at: Time,
        dueAt: Time.nullable().meta({ description: "Stripe's deadline for evidence" }),
        resolvedAt: Time.nullable(),
        resolvedBy: z.string().nullable(),
        note: z.string().nullable().meta({ description: "The operator's note about the resolution" }),
      }),
    ),
  )
  .query(async ({ ctx, input: { cursor, limit, ...filter } }) => {
    const [before] = readCursor(cursor, z.tuple([AlertId])) ?? []
    const rows = await ctx.services.reads.alerts(filter, before === undefined ? null : BigInt(before), limit + 1)
    return toPage(
      rows,
      limit,
      ({ id }) => [String(id)],
      ({ id, at, dueAt, resolvedAt, ...row }) => ({
        ...row,
        id: String(id),
        at: at.toISOString(),
        dueAt: dueAt?.toISOString() ?? null,
        resolvedAt: resolvedAt?.toISOString() ?? null,
      }),
    )
  })
