import type { PayoutRow } from '@pay-to-view/db'
import { z } from 'zod'
import { pageInput, pageOf, readCursor, toPage } from '../../cursor.ts'
import { scopedProcedure } from '../../trpc.ts'
import { Time, Timestamp } from '../../values.ts'

const contained = z.object({ count: z.int(), amount: z.int() })

/** Amounts are in minor units of `currency`, the currency of the Stripe account. */
const payoutItem = z.object({
  id: z.string(),
  amount: z.int(),
  currency: z.string(),
  status: z.string().meta({ description: 'paid, pending, in_transit, canceled or failed' }),
  createdAt: Time,
  arrivalDate: Time,
  isRead: z
    .boolean()
    .meta({ description: 'Whether all balance transactions of the payout are known; always false for a manual payout' }),
  purchases: contained,
  refunds: contained,
  disputes: contained,
  fees: z.int(),
  net: z.int().meta({ description: 'purchases - refunds - disputes - fees, each as a positive amount' }),
  other: z.int().meta({ description: 'The net of everything else, such as payments from other systems' }),
  difference: z.int().nullable().meta({ description: 'amount - net - other. Expected to be 0; null while isRead is false' }),
})

const toPayoutItem = ({ createdAt, arrivalDate, ...row }: PayoutRow): z.infer<typeof payoutItem> => {
  const { id, amount, currency, status, isRead, fees, net, other } = row
  return {
    ...{ id, amount, currency, status, isRead, fees, net, other },
    createdAt: createdAt.toISOString(),
    arrivalDate: arrivalDate.toISOString(),
    purchases: { count: row.purchases, amount: row.purchaseAmount },
    refunds: { count: row.refunds, amount: row.refundAmount },
    disputes: { count: row.disputes, amount: row.disputeAmount },
    difference: isRead ? amount - net - other : null,
  }
}

const cursorValues = z.tuple([Timestamp, z.string()])

/** Stripe's payouts with their contents, newest first. */
export const payouts = scopedProcedure('reports:read')
  .meta({
    rest: {
      method: 'GET',
      path: '/admin/v1/pay-to-view/reports/payouts',
      summary: "List Stripe's payouts and their contents",
      tag: 'admin',
    },
  })
  .input(z.strictObject(pageInput))
  .output(pageOf(payoutItem))
  .query(async ({ ctx, input: { limit, cursor } }) => {
    const [createdAt, id] = readCursor(cursor, cursorValues) ?? []
    const before = createdAt === undefined || id === undefined ? null : { createdAt: new Date(createdAt), id }
    const rows = await ctx.services.reads.payouts({ before, limit: limit + 1 })
    return toPage(rows, limit, (last) => [last.createdAt.toISOString(), last.id], toPayoutItem)
  })
